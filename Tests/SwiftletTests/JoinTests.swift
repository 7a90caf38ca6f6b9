import Engine
import Foundation
import Swiftlet
import TestSupport
import Testing

private struct Left: Record, Equatable {
  var key: Int
  var left: String
}

private struct Right: Record, Equatable {
  var key: Int
  var right: String
}

private let left = (0..<200).map { Left(key: $0 % 13, left: "l\($0)") }
private let right = (0..<60).map { Right(key: $0 % 7 * 2, right: "r\($0)") }

private struct JoinJob: Job {
  @Option("Result.") var output: DataPath
  @Option("Keep all.") var all = false

  func pipeline() -> Pipeline {
    let first = Dataset(left)
    let second = Dataset(right)
    return all
      ? first.leftJoin(second, on: \.key, equals: \.key).save(to: output, as: .jsonLines)
      : first.join(second, on: \.key, equals: \.key).save(to: output, as: .jsonLines)
  }
}

@Suite struct JoinTests {
  @Test(arguments: [false, true], [1, 4]) func joins(all: Bool, partitions: Int) throws {
    let scratch = try TemporaryFolder()
    try run(
      JoinJob.self,
      [
        "output": .string(scratch.path + "/out"), "all": .bool(all),
        "partitions": .integer(Int64(partitions)),
      ])
    let found = try scratch.read("out").split(separator: "\n").map {
      try JSONDecoder().decode(Joined<Left, Right?>.self, from: Data($0.utf8))
    }
    var expected: [Joined<Left, Right?>] = []
    for row in left {
      let matches = right.filter { $0.key == row.key }
      expected += matches.map { Joined(left: row, right: $0) }
      if all, matches.isEmpty { expected.append(Joined(left: row, right: nil)) }
    }
    // By key, then in the order of both inputs; partitions hold different keys.
    func ordered(_ rows: [Joined<Left, Right?>]) -> [Joined<Left, Right?>] {
      rows.enumerated().sorted { ($0.element.left.key, $0.offset) < ($1.element.left.key, $1.offset) }
        .map(\.element)
    }
    #expect(ordered(found) == ordered(expected))
    if partitions == 1 { #expect(found == ordered(expected)) }
  }
}
