import Foundation

/// The UTC offsets of a time zone, as a sorted table of changes: a lookup takes no calendar and no lock.
package struct TimeZoneTable: Hashable, Sendable {
  package struct Change: Hashable, Sendable {
    /// Seconds since 1970 UTC; `.min` for the first.
    package let start: Int64
    /// Local time minus UTC, in seconds.
    package let offset: Int64
  }

  /// Not empty, ascending.
  package let changes: [Change]

  /// Offsets are known for 1900-01-01 to 2199-12-31; times before and after have the first and the last one.
  package static let days = -25_567...84_005

  package static let utc = TimeZoneTable(changes: [Change(start: .min, offset: 0)])

  private init(changes: [Change]) { self.changes = changes }

  /// - Parameters:
  ///   - name: An IANA name.
  ///   - days: Where changes are looked for, in days since 1970-01-01.
  /// - Returns: nil if there is no such time zone.
  package init?(_ name: String, days: ClosedRange<Int> = TimeZoneTable.days) {
    guard name.utf8.allSatisfy({ $0.isLetterOrDigit || "/_-+".utf8.contains($0) }),
      let zone = TimeZone(identifier: name)
    else { return nil }
    func offset(_ second: Int) -> Int64 {
      Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }
    // A day at a time; the second of a change is found between two days with different offsets. Offsets that change twice
    // within a day do not occur.
    var second = (days.lowerBound - 2) * 86_400
    var changes = [Change(start: .min, offset: offset(second))]
    for day in days.lowerBound - 1...days.upperBound + 3 {
      let next = day * 86_400
      let new = offset(next)
      if let last = changes.last, last.offset != new {
        var low = second
        var high = next
        while high - low > 1 {
          let middle = (low + high) / 2
          if offset(middle) == last.offset { low = middle } else { high = middle }
        }
        changes.append(Change(start: Int64(high), offset: new))
      }
      second = next
    }
    self.changes = changes
  }

  /// The offset at an instant, in seconds since 1970 UTC.
  package func offset(at second: Int64) -> Int64 { changes[index(at: second)].offset }

  private func index(at second: Int64) -> Int {
    var low = 0
    var high = changes.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if changes[middle].start <= second { low = middle } else { high = middle }
    }
    return low
  }

  /// The offset at a local time. Where clocks are set back, a local time comes twice, and the standard time, which is the later
  /// one, counts; where they are set forward, a time that is skipped is read with the offset from before (PostgreSQL's rules).
  package func offset(atLocal second: Int64) -> Int64 {
    let later = index(at: second &+ 86_400)
    var index = index(at: second &- 86_400)
    var result = changes[index].offset
    while index < later {
      index += 1
      if second < changes[index].start &+ changes[index].offset { break }
      result = changes[index].offset
    }
    return result
  }
}
