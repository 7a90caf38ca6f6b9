import CSimdJSON
import Shuffle

/// The aggregates of one split, cut into runs of a bounded size. Runs end after certain events, whatever the batches in which
/// they came (each CPU's scanner makes others): floating-point sums are the same on every machine.
package struct UserRuns: ~Copyable {
  /// Checking the size costs more than an event.
  private static let eventsPerCheck = 1024
  /// Users of a typical run, for which tables need not grow.
  private static let typicalUsers = 12_288

  private let sessionGap: Int64
  private let partitions: Int
  private let emit: (_ block: [UInt8], _ partition: Int) throws -> Void
  private var aggregates: UserAggregates
  private var rule: RunRule
  /// Users of all runs so far; a user counts once per run.
  package private(set) var users = 0

  /// - Parameters:
  ///   - sessionGap: Milliseconds without an event that end a session without a name.
  ///   - runBytes: Size at which a run ends; ``UserAggregates/byteCount``.
  ///   - emit: Takes the blocks of each run, in the order of the partitions.
  package init(
    range: TimeRange, sessionGap: Int64, runBytes: Int, partitions: Int,
    emit: @escaping (_ block: [UInt8], _ partition: Int) throws -> Void
  ) {
    self.sessionGap = sessionGap
    self.partitions = partitions
    self.emit = emit
    rule = RunRule(bytes: runBytes, interval: UserRuns.eventsPerCheck)
    aggregates = UserAggregates(range: range, sessionGap: sessionGap, capacity: UserRuns.typicalUsers)
  }

  /// - Parameter events: Events whose timestamps are within the range.
  package mutating func add(_ events: UnsafeBufferPointer<swiftlet_event>) throws {
    var rest = events
    while !rest.isEmpty {
      let next = rest.prefix(rule.untilCheck)
      try aggregates.add(UnsafeBufferPointer(rebasing: next))
      rest = UnsafeBufferPointer(rebasing: rest[next.endIndex...])
      if rule.endsRun(after: next.count, byteCount: aggregates.byteCount) { try endRun(tally: nil) }
    }
  }

  /// Ends the last run, with the tally of the whole split.
  package mutating func finish(_ tally: ScanTally) throws { try endRun(tally: tally) }

  private mutating func endRun(tally: ScanTally?) throws {
    users += aggregates.users.count
    try UserBlock.encode(&aggregates, tally: tally, partitions: partitions, emit: emit)
    aggregates = UserAggregates(
      range: aggregates.range, sessionGap: sessionGap, capacity: UserRuns.typicalUsers)
  }
}
