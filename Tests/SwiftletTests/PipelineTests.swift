import Basics
import Engine
import Foundation
import Swiftlet
import TestSupport
import Testing

private struct Row: Record, Equatable {
  var id: Int
  var group: String?
  var score: Double
}

/// The same rows on every call: 5,000 of them, in 40 groups of very different size.
private let rows: [Row] = (0..<5000).map { id in
  let mixed = (id &* 2_654_435_761) & 0xffff
  let group = mixed % 41 == 0 ? nil : "g\(Int(Double(mixed % 1600).squareRoot()))"
  return Row(id: id, group: group, score: Double(mixed % 300) / 10)
}

private func lines(_ rows: [Row]) throws -> String {
  try rows.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) + "\n" }.joined()
}

/// What a test job does with the rows of its input is chosen by an option, so that one type serves all tests.
private struct RowJob: Job {
  @Option("Rows.") var input: DataPath
  @Option("Result.") var output: DataPath
  @Option("What.") var mode = ""

  struct Sum: Record {
    var group: String?
    var count: Int
    var sum: Double
    var least: Double
    var most: Double
  }

  struct Stats: Record {
    var count = 0
    var sum = 0.0
    var scores: [Double] = []
  }

  func pipeline() throws -> Pipeline {
    let rows = Dataset<Row>(jsonLines: input)
    switch mode {
    case "copy": return rows.save(to: output, as: .jsonLines)
    case "sort": return rows.sorted(by: \.group).save(to: output, as: .jsonLines)
    case "sort descending": return rows.sorted(by: \.score, descending: true).save(to: output, as: .jsonLines)
    case "top": return rows.top(7, by: \.score).save(to: output, as: .jsonLines)
    case "top of groups":
      return rows.aggregate(by: \.group, .top(2, by: \.score)).flatMap(\.value).sorted(by: \.id)
        .save(to: output, as: .jsonLines)
    case "aggregate":
      let stats = Aggregation<Row, Stats, Stats>(
        start: { Stats() },
        add: { stats, row in
          stats.count += 1
          stats.sum += row.score
          stats.scores.append(row.score)
        },
        merge: { stats, other in
          stats.count += other.count
          stats.sum += other.sum
          stats.scores += other.scores
        },
        finish: { $0 })
      return rows.aggregate(by: \.group, stats)
        .map {
          Sum(
            group: $0.key, count: $0.value.count, sum: $0.value.sum, least: $0.value.scores.min() ?? -1,
            most: $0.value.scores.max() ?? -1)
        }
        .save(to: output, as: .jsonLines)
    case "ready made":
      let count = rows.aggregate(by: \.group, .count)
      let sum = rows.aggregate(by: \.group, .sum { $0.score })
      let least = rows.aggregate(by: \.group, .min(\.score))
      let most = rows.aggregate(by: \.group, .max(\.score))
      return count.join(sum, on: \.key, equals: \.key)
        .join(least, on: \.left.key, equals: \.key).join(most, on: \.left.left.key, equals: \.key)
        .map {
          Sum(
            group: $0.left.left.left.key, count: $0.left.left.left.value, sum: $0.left.left.right.value,
            least: $0.left.right.value, most: $0.right.value)
        }
        .save(to: output, as: .jsonLines)
    case "collect":
      return rows.filter { $0.id % 1000 == 3 }.sorted(by: \.id)
        .collect { $0.map { "\($0.id)" }.joined(separator: " ") }
    case "refuse":
      return rows.map { if $0.id == 1234 { throw RecordError("no 1234") } else { $0 } }
        .save(to: output, as: .jsonLines)
    default: throw RecordError("mode '\(mode)'")
    }
  }
}

@Suite struct PipelineTests {
  private let scratch: TemporaryFolder
  private let input: JSONValue

  init() throws {
    scratch = try TemporaryFolder()
    for part in 0..<10 {
      _ = try scratch.write("in/part-\(part).jsonl", lines(Array(rows[part * 500..<part * 500 + 500])))
    }
    input = .string(scratch.path + "/in")
  }

  /// The output; the same bytes for any number of slots.
  private func output(_ mode: String, partitions: Int) throws -> String {
    var texts: [String] = []
    for slots in [1, 3] {
      let folder = "\(mode)-\(partitions)-\(slots)"
      try run(
        RowJob.self,
        [
          "input": input, "output": .string("\(scratch.path)/\(folder)"), "mode": .string(mode),
          "partitions": .integer(Int64(partitions)),
        ], slots: slots)
      texts.append(try scratch.parts(folder).joined(separator: " ") + "\n" + scratch.read(folder))
    }
    #expect(texts[0] == texts[1])
    return texts[1].split(separator: "\n").dropFirst().map { $0 + "\n" }.joined()
  }

  private func decode<T: Decodable>(_ text: String, _ type: T.Type = T.self) throws -> [T] {
    try text.split(separator: "\n").map { try JSONDecoder().decode(T.self, from: Data($0.utf8)) }
  }

  private func precedes(_ a: String?, _ b: String?) -> Bool {
    guard let b else { return false }
    return a.map { $0.utf8.lexicographicallyPrecedes(b.utf8) } ?? true
  }

  /// A sort that keeps the order of equals.
  private func sorted(_ precedes: (Row, Row) -> Bool) -> [Row] {
    rows.sorted { precedes($0, $1) || !precedes($1, $0) && $0.id < $1.id }
  }

  @Test func copies() throws {
    #expect(try decode(output("copy", partitions: 3)) == rows)
  }

  @Test(arguments: [1, 2, 7, 60]) func sorts(partitions: Int) throws {
    #expect(try decode(output("sort", partitions: partitions)) == sorted { precedes($0.group, $1.group) })
    let descending = try decode(output("sort descending", partitions: partitions), Row.self)
    #expect(descending == sorted { $0.score > $1.score })
  }

  @Test func cutsSortedOutputEvenly() throws {
    _ = try output("sort descending", partitions: 4)
    let counts = try scratch.parts("sort descending-4-1").map { name in
      try String(contentsOfFile: "\(scratch.path)/sort descending-4-1/\(name)", encoding: .utf8)
        .split(separator: "\n").count
    }
    #expect(counts.count == 4)
    #expect(counts.allSatisfy { 900...1600 ~= $0 }, "\(counts)")
  }

  @Test(arguments: [1, 5]) func finds(partitions: Int) throws {
    // Of equal scores the smaller byte form, so the smaller id.
    let best = sorted { $0.score > $1.score }
    #expect(try decode(output("top", partitions: partitions)) == Array(best.prefix(7)))
    let groups = Dictionary(grouping: best, by: \.group).values.flatMap { $0.prefix(2) }
    #expect(try decode(output("top of groups", partitions: partitions)) == groups.sorted { $0.id < $1.id })
  }

  @Test(arguments: [1, 5]) func aggregates(partitions: Int) throws {
    let expected = Dictionary(grouping: rows, by: \.group)
    let found = try decode(output("aggregate", partitions: partitions), RowJob.Sum.self)
    #expect(found.count == expected.count)
    for sum in found {
      let scores = try #require(expected[sum.group]).map(\.score)
      #expect(sum.count == scores.count)
      #expect(abs(sum.sum - scores.reduce(0, +)) < 1e-9 * sum.sum)
      #expect(sum.least == scores.min())
      #expect(sum.most == scores.max())
    }
    if partitions == 1 {
      #expect(found.map(\.group) == found.map(\.group).sorted(by: precedes))
      let readyMade = try decode(output("ready made", partitions: 1), RowJob.Sum.self)
      #expect(readyMade.map(\.group) == found.map(\.group))
      #expect(readyMade.map(\.count) == found.map(\.count))
      #expect(readyMade.map(\.sum) == found.map(\.sum))
      #expect(readyMade.map(\.least) == found.map(\.least))
      #expect(readyMade.map(\.most) == found.map(\.most))
    }
  }

  @Test func collects() throws {
    let report = try run(
      RowJob.self, ["input": input, "output": .string(scratch.path + "/x"), "mode": "collect"])
    #expect(report.text == "3 1003 2003 3003 4003")
  }

  @Test func skipsWhatIsDone() throws {
    let options: [String: JSONValue] = [
      "input": input, "output": .string(scratch.path + "/out"), "mode": "copy",
    ]
    let first = try run(RowJob.self, options)
    #expect(!first.skipped)
    #expect(first.values["rowsWritten"] == .integer(5000))
    #expect(try run(RowJob.self, options).skipped)
    #expect(try !run(RowJob.self, options, force: true).skipped)
    _ = try scratch.write("in/part-9.jsonl", lines(Array(rows[..<3])))
    #expect(try !run(RowJob.self, options).skipped)
    #expect(try scratch.read("out").split(separator: "\n").count == 4503)
  }

  @Test func namesTheRecordThatAClosureRefuses() throws {
    let before = try lines(Array(rows[1000..<1234])).utf8.count
    do {
      try run(RowJob.self, ["input": input, "output": .string(scratch.path + "/out"), "mode": "refuse"])
      Issue.record("it did not fail")
    } catch let error as JobFailed {
      #expect(error.description == "\(scratch.path)/in/part-2.jsonl, byte \(before): no 1234")
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/out"))
  }

  @Test(arguments: [
    ("{\"id\":1,\"group\":\"a\"}", "is no Row: field 'score' is missing"),
    ("{\"id\":\"1\",\"score\":1}", "is no Row: field 'id': expected an integer, found \"1\""),
    ("{\"id\":1.5,\"score\":1}", "is no Row: field 'id': expected an integer, found 1.5"),
    ("{\"id\":1,\"score\":null}", "is no Row: field 'score': expected a number, found null"),
    ("[1]", "is no Row: expected an object, found a list"),
    (
      "{\"id\":1,\"score\":1",
      "is no Row: not JSON: byte 17: expected , or } in an object, found the end of the text"
    ),
    ("{\"id\":1,\"score\":1}}", "is no Row: not JSON: byte 18: unexpected '}' after the end of the document"),
  ]) func namesTheLineThatIsNoRecord(line: String, message: String) throws {
    let file = try scratch.write("bad.jsonl", "\n{\"id\":1,\"score\":1}\n\(line)\n")
    do {
      try run(
        RowJob.self, ["input": .string(file), "output": .string(scratch.path + "/out"), "mode": "copy"])
      Issue.record("it did not fail")
    } catch let error as JobFailed {
      #expect(error.description == "\(file), byte 20: \(message)")
    }
  }
}
