import Basics

/// The parameters that determine every byte of a generated click stream. Threads, rate and compression do not.
package struct GeneratorParameters: Hashable, Sendable {
  /// The exact number of valid events.
  package var events: Int
  /// Users; one with a very small share of `events` may get none.
  package var users: Int
  package var seed: UInt64
  /// First UTC day, in days since 1970-01-01.
  package var startDay: Int
  package var days: Int
  /// Files per day; each holds the events of a fixed range of users.
  package var filesPerDay: Int
  /// ISO-8601 strings instead of integer milliseconds.
  package var isoTimestamps = false
  /// Share of malformed lines among all lines; 0 ≤ share ≤ 0.9.
  package var malformedShare = 0.0
  /// Share of sessions whose events have no `session_id`; 0 ≤ share ≤ 1.
  package var sessionlessShare = 0.0

  /// Events per file by default. The plan of a group of users takes 2 to 5 bytes per event; this keeps it under 100 MB.
  package static let eventsPerGroup = 20_000_000
  /// The most events per group; more would need gigabytes for the plan.
  private static let maxEventsPerGroup = 500_000_000
  private static let maxEventsPerUser = 1_000_000

  /// - Parameter filesPerDay: nil for a number that keeps memory bounded.
  package init(
    events: Int, users: Int, seed: UInt64 = 42, startDay: Int, days: Int, filesPerDay: Int? = nil
  ) {
    self.events = events
    self.users = users
    self.seed = seed
    self.startDay = startDay
    self.days = days
    self.filesPerDay = filesPerDay ?? max(1, (max(0, events) - 1) / GeneratorParameters.eventsPerGroup + 1)
  }

  /// Start of the stream, in milliseconds since 1970 UTC.
  package var startTime: Int64 { Int64(startDay) * CivilDate.millisecondsPerDay }

  func validate() throws(GeneratorError) {
    try check("events", events, 1...1_000_000_000_000)
    let leastUsers = (events - 1) / GeneratorParameters.maxEventsPerUser + 1
    try check("users", users, leastUsers...1_000_000_000)
    try check("days", days, 1...3660)
    try check("start-date", startDay, 0...2_900_000)
    let leastFiles = (events - 1) / GeneratorParameters.maxEventsPerGroup + 1
    try check("files-per-day", filesPerDay, leastFiles...10_000)
    guard (0...0.9).contains(malformedShare) else {
      throw .parameter(name: "malformed", expected: "a share from 0 to 0.9", found: "\(malformedShare)")
    }
    guard (0...1).contains(sessionlessShare) else {
      throw .parameter(name: "sessionless", expected: "a share from 0 to 1", found: "\(sessionlessShare)")
    }
  }

  private func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(GeneratorError) {
    guard range.contains(value) else {
      throw .parameter(
        name: name, expected: "an integer from \(range.lowerBound) to \(range.upperBound)", found: "\(value)")
    }
  }
}

/// Why a run failed.
package enum GeneratorError: Error, Hashable, Sendable, CustomStringConvertible {
  case parameter(name: String, expected: String, found: String)
  /// Stopped on request; everything written was removed.
  case cancelled

  package var description: String {
    switch self {
    case .parameter(let name, let expected, let found): "\(name): expected \(expected), found \(found)"
    case .cancelled: "interrupted"
    }
  }
}
