import Swiftlet
import Testing

private struct Score: Record {
  var id: Int
  var score: Double
  var small: Float
}

/// −0.0 beside 0.0, and two kinds of NaN.
private let scores: [Score] = [
  0, -0.0, .nan, 1, -.nan, Double(bitPattern: 0x7ff8_0000_0000_0001), -1, -0.0, -.infinity, .infinity,
].enumerated().map { Score(id: $0.offset, score: $0.element, small: Float($0.element)) }

private struct ScoreJob: Job {
  @Option("What.") var mode = ""

  func pipeline() -> Pipeline {
    let input = Dataset(scores)
    switch mode {
    case "aggregate":
      return input.aggregate(by: \.score, .count).collect {
        $0.map { "\($0.key):\($0.value)" }.joined(separator: " ")
      }
    case "float":
      return input.aggregate(by: { [$0.small] }, .count).collect {
        $0.map { "\($0.value)" }.joined(separator: " ")
      }
    case "join":
      return input.join(input, on: \.score, equals: \.score)
        .collect { $0.map { "\($0.left.id)-\($0.right.id)" }.joined(separator: " ") }
    case "sort": return input.sorted(by: \.score).collect { $0.map { "\($0.id)" }.joined(separator: " ") }
    case "top": return input.top(5, by: \.score).collect { $0.map { "\($0.id)" }.joined(separator: " ") }
    default:
      return input.collect {
        $0.map { "\($0.score.bitPattern == scores[$0.id].score.bitPattern)" }.joined(separator: " ")
      }
    }
  }
}

/// Numbers that are equal are one key, and every NaN is the same key, after all other numbers.
@Suite struct EqualNumberTests {
  private func result(_ mode: String) throws -> String {
    try run(ScoreJob.self, ["mode": .string(mode), "partitions": 1]).text
  }

  @Test func aggregates() throws {
    #expect(try result("aggregate") == "-inf:1 -1.0:1 0.0:3 1.0:1 inf:1 nan:3")
    #expect(try result("float") == "1 1 3 1 1 3")
  }

  @Test func joins() throws {
    #expect(
      try result("join")
        == "8-8 6-6 0-0 0-1 0-7 1-0 1-1 1-7 7-0 7-1 7-7 3-3 9-9 2-2 2-4 2-5 4-2 4-4 4-5 5-2 5-4 5-5")
  }

  @Test func sortsAndRanks() throws {
    #expect(try result("sort") == "8 6 0 1 7 3 9 2 4 5")
    #expect(try result("top") == "2 4 5 9 3")
  }

  @Test func recordsKeepTheirBits() throws {
    #expect(try result("") == Array(repeating: "true", count: scores.count).joined(separator: " "))
  }
}
