import Columns

/// Sessions of events without a session id: a user's timestamps, cut after a gap without events.
///
/// Cutting sorted timestamps at gaps gives the connected components of "at most a gap apart", which can be built from partial groups
/// in any order. So a table of intervals is enough, in which overlapping or close intervals of a user may stay separate until
/// `coalesce`; an event is usually close to the interval of its user's previous event.
package struct IdleSessions: ~Copyable {
  package struct Interval: BitwiseCopyable {
    package var user: UInt32
    /// Milliseconds since 1970 of the first and the last event.
    package var start: Int64
    package var end: Int64
  }

  package private(set) var intervals = FlatArray<Interval>()
  /// By user: the interval of the latest event, plus one; 0 for none.
  private var latest = FlatArray<UInt32>()
  private let gap: Int64
  private var compactAt = 1 << 16

  /// - Parameter gap: In milliseconds, from 0 to a thousand years.
  package init(gap: Int64) { self.gap = gap }

  /// Bytes of memory.
  package var byteCount: Int { intervals.bytes + latest.bytes }

  package mutating func add(user: Int, start: Int64, end: Int64) {
    while latest.count <= user { latest.append(0) }
    let last = Int(latest[user]) - 1
    if last >= 0, start <= intervals[last].end + gap, end >= intervals[last].start - gap {
      intervals[last].start = min(intervals[last].start, start)
      intervals[last].end = max(intervals[last].end, end)
      return
    }
    if intervals.count == compactAt {
      coalesce()
      compactAt = max(compactAt, intervals.count * 2)
    }
    intervals.append(Interval(user: UInt32(user), start: start, end: end))
    latest[user] = UInt32(intervals.count)
  }

  /// Merges intervals so that each is one session, ordered by user and time.
  package mutating func coalesce() {
    var all = intervals.elements
    all.sort { ($0.user, $0.start, $0.end) < ($1.user, $1.start, $1.end) }
    var kept = 0
    for index in 0..<intervals.count {
      let next = intervals[index]
      if kept > 0, intervals[kept - 1].user == next.user, next.start <= intervals[kept - 1].end + gap {
        intervals[kept - 1].end = max(intervals[kept - 1].end, next.end)
      } else {
        intervals[kept] = next
        kept += 1
      }
      latest[Int(next.user)] = UInt32(kept)
    }
    intervals.truncate(to: kept)
  }
}
