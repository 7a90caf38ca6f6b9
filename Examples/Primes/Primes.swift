import Swiftlet

/// Primes submit --limit 1000000
///
/// Full control: a custom operator, in a stage that the job builds and runs itself.
struct CountPrimes: Operator {
  static let name = "primes.count"

  struct Range: Record {
    var from: Int
    var to: Int
  }

  init(parameters: [UInt8]) throws {}

  func run(_ task: any TaskContext) throws -> TaskOutput {
    let range = try RecordBytes.decode(Range.self, from: task.input)
    var count = 0
    for number in max(2, range.from)..<max(2, range.to) {
      if number % 1000 == 0 { try task.checkCancelled() }
      var divisor = 2
      while divisor * divisor <= number, number % divisor != 0 { divisor += 1 }
      if divisor * divisor > number { count += 1 }
    }
    task.progress(rows: range.to - range.from, bytes: 0)
    return TaskOutput(result: try RecordBytes.encode(count))
  }
}

@main struct Primes: JobProgram {
  static let help = "Counts prime numbers."
  static let operators: [any Operator.Type] = [CountPrimes.self]

  @Option("Upper bound, exclusive.") var limit = 1_000_000

  func run(_ session: any JobSession, force: Bool) throws -> JobReport {
    let tasks = try stride(from: 0, to: limit, by: 10_000).map { from in
      TaskSpec(input: try RecordBytes.encode(CountPrimes.Range(from: from, to: min(from + 10_000, limit))))
    }
    let stage = StageSpec(name: "count", operatorName: CountPrimes.name, parameters: [], tasks: tasks)
    let results = try session.run(StageGraph([stage]))
    let counts = try results.map { try RecordBytes.decode(Int.self, from: $0.payload) }
    return JobReport(text: "\(counts.reduce(0, +)) primes below \(limit)")
  }
}
