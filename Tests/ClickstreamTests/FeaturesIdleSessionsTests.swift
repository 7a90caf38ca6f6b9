import Clickstream
import TestSupport
import Testing

@Suite struct FeaturesIdleSessionsTests {
  /// Cuts the sorted list of a user's times, as the format says.
  private func cut(_ times: [Int64], gap: Int64) -> [[Int64]] {
    var sessions: [[Int64]] = []
    for time in times.sorted() {
      if let last = sessions.last, time - last[1] <= gap {
        sessions[sessions.count - 1][1] = time
      } else {
        sessions.append([time, time])
      }
    }
    return sessions
  }

  @Test(arguments: 0..<60)
  func equalsCuttingTheWholeList(_ seed: Int) throws {
    var random = SeededRandom(state: UInt64(seed))
    let gap = Int64([0, 1, 10, 100][seed % 4])
    let users = 1 + seed % 5
    let events = (0..<Int.random(in: 0...400, using: &random)).map { _ in
      (user: Int.random(in: 0..<users, using: &random), time: Int64.random(in: -2000...2000, using: &random))
    }
    let parts = 1 + seed % 7
    var merged = IdleSessions(gap: gap)
    for part in 0..<parts {
      // Events of a part mostly in order, as they come in files.
      var own = events.indices.filter { $0 % parts == part }.map { events[$0] }
      if seed % 3 == 0 { own.sort { $0.time < $1.time } }
      var partial = IdleSessions(gap: gap)
      for event in own { partial.add(user: event.user, start: event.time, end: event.time) }
      if seed % 2 == 0 { partial.coalesce() }
      for interval in partial.intervals.elements {
        merged.add(user: Int(interval.user), start: interval.start, end: interval.end)
      }
    }
    merged.coalesce()
    let found = merged.intervals.elements.map { [Int64($0.user), $0.start, $0.end] }
    let expected = (0..<users).flatMap { user in
      cut(events.filter { $0.user == user }.map(\.time), gap: gap).map { [Int64(user)] + $0 }
    }
    #expect(found == expected)
  }

  /// More separate intervals than are kept before the table is tidied, most of which belong together.
  @Test func manyOutOfOrder() {
    var sessions = IdleSessions(gap: 10)
    var random = SeededRandom(state: 5)
    let times = (0..<100_000).map { Int64($0 * 4) }.shuffled(using: &random)
    for time in times { sessions.add(user: 3, start: time, end: time) }
    #expect(sessions.intervals.count < times.count)
    sessions.coalesce()
    #expect(sessions.intervals.elements.map { [$0.start, $0.end] } == [[0, 399_996]])
  }
}
