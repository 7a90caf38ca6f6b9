import Foundation
import Synchronization
import Testing

/// Thousands of seeded runs of the real scheduler and runtimes. `SWIFTLET_SEED=n` replays one run and prints its story;
/// `SWIFTLET_SEEDS=n` plays more of them.
@Suite struct SimulationTests {
  private static let shards = 8

  private static func environment(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
  }

  private static var seeds: Int {
    #if DEBUG
      environment("SWIFTLET_SEEDS") ?? 200
    #else
      environment("SWIFTLET_SEEDS") ?? 2000
    #endif
  }

  private static let totals = Mutex((counts: Simulation.Counts(), shards: 0))

  @Test(arguments: 0..<shards)
  func everyJobEndsRightWhateverHappens(shard: Int) {
    var counts = Simulation.Counts()
    var failing: [UInt64] = []
    for seed in stride(from: shard, to: Self.seeds, by: Self.shards) {
      let simulation = Simulation(seed: UInt64(seed))
      if !simulation.run().isEmpty { failing.append(UInt64(seed)) }
      counts += simulation.counts
    }
    if let seed = failing.first { Self.report(seed, failing) }
    let total = Self.totals.withLock { totals -> Simulation.Counts? in
      totals.counts += counts
      totals.shards += 1
      return totals.shards == Self.shards ? totals.counts : nil
    }
    if let total { Self.checkThatFaultsHappened(total) }
  }

  private static func report(_ seed: UInt64, _ failing: [UInt64]) {
    let replay = Simulation(seed: seed, isRecording: true)
    let violations = replay.run()
    Issue.record(
      """
      \(failing.count) seeds fail, the first are \(failing.prefix(10)); SWIFTLET_SEED=\(seed) replays this one:
      \(violations.joined(separator: "\n"))
      ... \(replay.story.suffix(60).joined(separator: "\n"))
      """)
  }

  private static func checkThatFaultsHappened(_ total: Simulation.Counts) {
    if environment("SWIFTLET_STATS") != nil { print(total) }
    guard seeds >= 200 else { return }
    for (name, count) in [
      ("kills", total.kills), ("cuts", total.cuts), ("silences", total.silences), ("stalls", total.stalls),
      ("drains", total.drains), ("joins", total.joins), ("cancels", total.cancels),
      ("replays", total.replays),
      ("transient failures", total.transients), ("fatal failures", total.fatals), ("stops", total.spurious),
      ("lost outputs", total.lostOutputs), ("goodbyes", total.goodbyes),
    ] { #expect(count > 0, "no \(name) in \(seeds) runs") }
  }

  @Test(.enabled(if: environment("SWIFTLET_SEED") != nil)) func replay() {
    let simulation = Simulation(seed: UInt64(Self.environment("SWIFTLET_SEED") ?? 0), isRecording: true)
    let violations = simulation.run()
    print(simulation.story.joined(separator: "\n"))
    print(simulation.counts)
    #expect(violations == [])
  }

  /// Also a test that no order of a `Dictionary` or `Set` shows: Swift seeds each of them differently.
  @Test func aSeedTellsOneStory() {
    for seed in 0..<40 as Range<UInt64> {
      let first = Simulation(seed: seed, isRecording: true)
      let second = Simulation(seed: seed, isRecording: true)
      #expect(first.run() == second.run())
      #expect(first.story == second.story)
    }
  }
}
