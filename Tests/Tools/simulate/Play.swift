import Foundation
import Simulator
import Synchronization

/// Plays many seeds on all cores and adds up what happened.
struct Play: Sendable {
  let from: UInt64
  let seeds: Int
  let jobs: Int
  let isQuiet: Bool

  struct Outcome {
    var counts = Counts()
    var played = 0
    var next = 0
    /// The lowest seed that broke a rule.
    var failing: UInt64?
  }

  /// - Returns: What happened up to the first seed that fails, if one does.
  func run() -> Outcome {
    let outcome = Mutex(Outcome())
    let start = ContinuousClock.now
    DispatchQueue.concurrentPerform(iterations: jobs) { _ in
      while let seed = next(outcome) {
        let simulation = Simulation(seed: seed)
        let hasFailed = !simulation.run().isEmpty
        outcome.withLock {
          $0.counts += simulation.counts
          $0.played += 1
          if hasFailed { $0.failing = min($0.failing ?? seed, seed) }
          if !isQuiet, $0.played % max(seeds / 20, 1000) == 0 { tell($0.played, since: start) }
        }
      }
    }
    let result = outcome.withLock { $0 }
    if !isQuiet { tell(result.played, since: start) }
    return result
  }

  /// Seeds are given out in order, so the lowest failing seed is the same however many threads there are.
  private func next(_ outcome: borrowing Mutex<Outcome>) -> UInt64? {
    outcome.withLock { outcome in
      guard outcome.next < seeds, outcome.failing == nil else { return nil }
      defer { outcome.next += 1 }
      return from + UInt64(outcome.next)
    }
  }

  private func tell(_ played: Int, since start: ContinuousClock.Instant) {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let pace = Int(Double(played) / max(seconds, 0.001) * 60)
    write("\(played) of \(seeds) schedules, \(pace) a minute\n", to: .standardError)
  }
}

func write(_ text: String, to handle: FileHandle) { handle.write(Data(text.utf8)) }
