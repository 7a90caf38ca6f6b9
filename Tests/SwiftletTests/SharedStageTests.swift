import Basics
import Engine
import Jobs
import Swiftlet
import Testing

private struct Rounds: Job {
  @Option("Rounds.") var rounds: Int

  func pipeline() -> Pipeline {
    var sums = Dataset((0..<20).map { Keyed(key: $0 % 5, value: $0) })
      .aggregate(by: \.key, .sum(\.value))
    for _ in 0..<rounds {
      // Twice per round, as in PageRank.
      sums = sums.join(sums.map { $0 }, on: \.key, equals: \.key)
        .map { Keyed(key: $0.left.key, value: $0.left.value + $0.right.value) }
    }
    return sums.sorted(by: \.key).collect { $0.map { "\($0.value)" }.joined(separator: " ") }
  }
}

@Suite struct SharedStageTests {
  private func stages(_ rounds: Int) throws -> Int {
    let job = JSONText.compact(
      .object([
        "name": "x", "steps": .array([.object(["type": "rounds", "rounds": .integer(Int64(rounds))])]),
      ]))
    let resolved = try ResolvedJob(json: job, registry: .including([JobStep<Rounds>.self]))
    return try #require(resolved.steps.first).step.plan().stages.count
  }

  @Test func eachRoundAddsTheSameNumberOfStages() throws {
    let counts = try [1, 2, 9].map(stages)
    #expect(counts[1] - counts[0] == 2)
    #expect(counts[2] - counts[0] == 8 * 2)
  }

  @Test func sharedStagesGiveTheSameResult() throws {
    // Five keys with sums 30, 34, 38, 42, 46; doubled each round.
    #expect(try run(Rounds.self, ["rounds": 3]).text == "240 272 304 336 368")
  }
}
