import Foundation
import Simulator
import Synchronization
import Testing

/// Seeded runs of the real scheduler and runtimes; `./scripts/simulate` plays more of them, and replays one.
@Suite struct SimulationTests {
  private static let shards = 8

  private static var seeds: Int {
    #if DEBUG
      200
    #else
      2000
    #endif
  }

  private static let totals = Mutex((counts: Counts(), shards: 0))

  @Test(arguments: 0..<shards)
  func everyJobEndsRightWhateverHappens(shard: Int) {
    var counts = Counts()
    var failing: [UInt64] = []
    for seed in stride(from: shard, to: Self.seeds, by: Self.shards) {
      let simulation = Simulation(seed: UInt64(seed))
      if !simulation.run().isEmpty { failing.append(UInt64(seed)) }
      counts += simulation.counts
    }
    if let seed = failing.first { Self.report(seed, failing) }
    let total = Self.totals.withLock { totals -> Counts? in
      totals.counts += counts
      totals.shards += 1
      return totals.shards == Self.shards ? totals.counts : nil
    }
    guard let total else { return }
    for fault in Counts.Fault.allCases { #expect(total[fault] > 0, "no \(fault.rawValue)") }
    #expect(total.goodbyes > 0)
  }

  private static func report(_ seed: UInt64, _ failing: [UInt64]) {
    let replay = Simulation(seed: seed, isRecording: true)
    let violations = replay.run()
    Issue.record(
      """
      \(failing.count) seeds fail, the first are \(failing.prefix(10)); ./scripts/simulate --seed \(seed) replays:
      \(violations.map { "\($0.invariant.rawValue): \($0.text)" }.joined(separator: "\n"))
      \(replay.trace.about(violations.flatMap(\.about)).joined(separator: "\n"))
      """)
  }

  @Test func aSeedTellsOneStory() {
    for seed in 0..<40 as Range<UInt64> {
      let first = Simulation(seed: seed, isRecording: true)
      let second = Simulation(seed: seed, isRecording: true)
      #expect(first.run() == second.run())
      #expect(first.trace == second.trace)
      #expect(!first.trace.everything.isEmpty)
    }
  }

  @Test func theStoryOfATaskHasNoOtherTasks() throws {
    let simulation = Simulation(seed: 3, isRecording: true)
    simulation.run()
    let line = try #require(simulation.trace.everything.first { $0.contains("launches j") })
    let attempt = try #require(line.split(separator: " ").first { $0.hasPrefix("j") && $0.contains("/") })
    let parts = attempt.split { $0 == "/" || $0 == "." }
    let (job, stage, partition) = (String(parts[0]), Int(parts[1]) ?? -1, Int(parts[2]) ?? -1)
    let trace = simulation.trace.about([.task(job: job, stage: stage, partition: partition)])
    let launches = trace.filter { $0.contains("launches") }
    #expect(!launches.isEmpty)
    #expect(launches.allSatisfy { $0.contains(" \(job)/\(stage)/\(partition).") })
    #expect(trace.contains { $0.contains("is done") })
    #expect(trace.contains { $0.contains("joins") })
  }
}
