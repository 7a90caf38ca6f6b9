import CSimdJSON

/// The aggregates of one split, cut into runs of a bounded size. Where a run ends depends on its events alone, and not on the batches
/// that they came in (each CPU's scanner makes others): sums of floating-point numbers are the same on every machine.
package struct UserRuns: ~Copyable {
  /// Accepted events from one look at the size to the next; a look costs more than an event.
  private static let eventsPerLook = 1024

  /// Of a run: its tables need not grow.
  private static let usualUsers = 12_288

  private let sessionGap: Int64
  private let runBytes: Int
  private let partitions: Int
  private let emit: (_ block: [UInt8], _ partition: Int) throws -> Void
  private var aggregates: UserAggregates
  private var untilLook = UserRuns.eventsPerLook
  /// Of all runs that have ended; one is counted in each run that it has a part in.
  package private(set) var users = 0

  /// - Parameters:
  ///   - runBytes: Size at which a run ends; ``UserAggregates/byteCount``.
  ///   - sessionGap: Milliseconds without an event that end a session without a name.
  ///   - emit: Takes the blocks of each run, in the order of the partitions.
  package init(
    range: TimeRange, sessionGap: Int64, runBytes: Int, partitions: Int,
    emit: @escaping (_ block: [UInt8], _ partition: Int) throws -> Void
  ) {
    self.sessionGap = sessionGap
    self.runBytes = runBytes
    self.partitions = partitions
    self.emit = emit
    aggregates = UserAggregates(range: range, sessionGap: sessionGap, capacity: UserRuns.usualUsers)
  }

  /// Takes in events whose timestamps are within the range.
  package mutating func add(_ events: UnsafeBufferPointer<swiftlet_event>) throws {
    var rest = events
    while !rest.isEmpty {
      let next = rest.prefix(untilLook)
      try aggregates.add(UnsafeBufferPointer(rebasing: next))
      rest = UnsafeBufferPointer(rebasing: rest[next.endIndex...])
      untilLook -= next.count
      if untilLook == 0 { try look() }
    }
  }

  private mutating func look() throws {
    untilLook = UserRuns.eventsPerLook
    if aggregates.byteCount >= runBytes { try endRun(tally: nil) }
  }

  /// Ends the last run, with the tally of the whole split.
  package mutating func finish(_ tally: ScanTally) throws { try endRun(tally: tally) }

  private mutating func endRun(tally: ScanTally?) throws {
    users += aggregates.users.count
    try UserBlock.encode(&aggregates, tally: tally, partitions: partitions, emit: emit)
    aggregates = UserAggregates(
      range: aggregates.range, sessionGap: sessionGap, capacity: UserRuns.usualUsers)
  }
}
