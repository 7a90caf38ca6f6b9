import Basics
import Engine
import Swiftlet
import Testing

/// A job with full control: an operator of its own, in a stage of its own making.
private struct SquareOperator: Swiftlet.Operator {
  static let name = "test.square"
  let exponent: Int

  init(parameters: [UInt8]) throws { exponent = try RecordBytes.decode(from: parameters) }

  func run(_ task: any TaskContext) throws -> TaskOutput {
    let number = try RecordBytes.decode(Int.self, from: task.input)
    if number == 13 { throw TaskFailure.badInput(location: "13", message: "unlucky") }
    return TaskOutput(result: try RecordBytes.encode((0..<exponent).reduce(1) { power, _ in power * number }))
  }
}

private struct Squares: JobProgram {
  static let operators: [any Swiftlet.Operator.Type] = [SquareOperator.self]
  @Option("How many.") var count: Int
  @Option("Power.") var exponent = 2

  func run(_ session: any JobSession, force: Bool) throws -> JobReport {
    let stage = StageSpec(
      name: "square", operatorName: SquareOperator.name, parameters: try RecordBytes.encode(exponent),
      tasks: try (0..<count).map { TaskSpec(input: try RecordBytes.encode($0)) })
    let results = try session.run(StageGraph([stage]))
    let sum = try results.reduce(0) { try $0 + RecordBytes.decode(Int.self, from: $1.payload) }
    return JobReport(text: "\(sum)")
  }
}

private enum Level: String, OptionValue {
  case low, high
  static var optionKind: OptionKind { .text }
  static var missing: Level { .low }
  init?(optionText: String) { self.init(rawValue: optionText) }
  var optionText: String? { rawValue }
}

private struct Optioned: JobProgram {
  static let operators: [any Swiftlet.Operator.Type] = []
  @Option("Needed.") var needed: String
  @Option("Path.") var somePath: DataPath?
  @Option("Number.") var ratio = 0.5
  @Option("Flag.") var isFast = false
  @Option("Level.") var level = Level.low

  func run(_ session: any JobSession, force: Bool) throws -> JobReport {
    JobReport(text: "\(needed) \(somePath?.uri ?? "-") \(ratio) \(isFast) \(level)")
  }
}

@Suite struct ProgramTests {
  @Test func runsOperatorsOfItsOwn() throws {
    #expect(try run(Squares.self, ["count": 5]).text == "30")
    #expect(try run(Squares.self, ["count": 5, "exponent": 3]).text == "100")
    #expect(Squares.name == "squares")
  }

  @Test func failsWithTheWordsOfTheOperator() throws {
    #expect { try run(Squares.self, ["count": 14]) } throws: { "\($0)" == "13: unlucky" }
  }

  @Test func readsOptions() throws {
    #expect(try run(Optioned.self, ["needed": "x"]).text == "x - 0.5 false low")
    let given: [String: JSONValue] = [
      "needed": "", "somePath": "/a/../b", "ratio": 2, "isFast": true, "level": "high",
    ]
    #expect(try run(Optioned.self, given).text == " /b 2.0 true high")
  }

  @Test(
    arguments: [
      ([:], "steps[0].needed: missing; expected a string"),
      (["needed": "x", "ratio": "much"], "steps[0].ratio: expected a number, found \"much\""),
      (["needed": "x", "level": "middle"], "steps[0].level: 'middle' is not a value of this option"),
      (["needed": "x", "ned": 1], "steps[0].ned: unknown key of a optioned step"),
    ] as [([String: JSONValue], String)]) func tellsMistakes(options: [String: JSONValue], message: String)
    throws
  {
    #expect { try run(Optioned.self, options) } throws: { "\($0)".hasPrefix(message) }
  }
}
