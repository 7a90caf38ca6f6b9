import Columns
import Glibc

/// The rows of the feature table, made from finished aggregates and ordered by the bytes of the user ids.
package struct FeatureTable: ~Copyable {
  package static let fields = Feature.all.map(\.field)

  private let aggregates: UserAggregates
  /// Users in row order.
  private var order: FlatArray<UInt32>
  /// One per user, as all below.
  private(set) var sessions: FlatArray<Int64>
  /// Σ (last − first) over sessions, milliseconds. 128 bits: enough for any number of sessions of ten thousand years.
  private(set) var durations: FlatArray<Int128>
  private(set) var distinctPages: FlatArray<Int64>
  private(set) var activeDays: FlatArray<Int64>

  package init(_ finished: consuming UserAggregates) {
    let count = finished.users.count
    order = FeatureTable.order(finished.users)
    sessions = FlatArray(repeating: 0, count: count)
    durations = FlatArray(repeating: 0, count: count)
    distinctPages = finished.userPages.distinctSeconds(firsts: count)
    if finished.daysAreBits {
      activeDays = FlatArray(capacity: count)
      for row in finished.rows.elements { activeDays.append(Int64(row.days.nonzeroBitCount)) }
    } else {
      activeDays = finished.userDays.distinctSeconds(firsts: count)
    }
    finished.idle.coalesce()
    aggregates = finished
    countSessions()
  }

  package var rows: Int { order.count }

  private mutating func countSessions() {
    for session in 0..<aggregates.sessions.count {
      let user = aggregates.sessions.owner(session)
      sessions[user] += 1
      durations[user] += Int128(aggregates.spans[session].last - aggregates.spans[session].first)
    }
    for index in 0..<aggregates.idle.intervals.count {
      let interval = aggregates.idle.intervals[index]
      sessions[Int(interval.user)] += 1
      durations[Int(interval.user)] += Int128(interval.end - interval.start)
    }
  }

  /// Users in the order of their ids.
  static func order(_ users: borrowing StringTable) -> FlatArray<UInt32> {
    // Eight bytes decide most comparisons without reading the strings.
    var keys = FlatArray<(prefix: UInt64, user: UInt32)>(capacity: users.count)
    for user in 0..<users.count { keys.append((prefix(of: users[user]), UInt32(user))) }
    var elements = keys.elements
    elements.sort { a, b in
      a.prefix != b.prefix ? a.prefix < b.prefix : precedes(users[Int(a.user)], users[Int(b.user)])
    }
    var order = FlatArray<UInt32>(capacity: users.count)
    for key in elements { order.append(key.user) }
    return order
  }

  /// The first eight bytes as a number that sorts like them; a shorter string is padded with zeros.
  private static func prefix(of id: UnsafeRawBufferPointer) -> UInt64 {
    if id.count >= 8 { return UInt64(bigEndian: id.loadUnaligned(as: UInt64.self)) }
    var prefix: UInt64 = 0
    for (index, byte) in id.enumerated() { prefix |= UInt64(byte) << UInt64(56 - 8 * index) }
    return prefix
  }

  static func precedes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    let shared = min(a.count, b.count)
    if shared > 0, let first = a.baseAddress, let second = b.baseAddress {
      let compared = memcmp(first, second, shared)
      if compared != 0 { return compared < 0 }
    }
    return a.count < b.count
  }

  /// The sums of a user.
  subscript(user: Int) -> UserRow {
    @inline(__always) _read { yield aggregates.rows[user] }
  }

  /// Some of the rows, in the order of `fields`.
  package func batch(_ range: Range<Int>) -> ColumnBatch {
    let users = UnsafeMutableBufferPointer(rebasing: order.elements[range])
    let columns = Feature.all.map { feature in
      switch feature.values {
      case .id:
        var ids = StringColumn()
        for user in users { ids.append(aggregates.users[Int(user)]) }
        return Column(.string(ids))
      case .integer(let value): return Column(.int64(users.map { value(self, Int($0)) }))
      case .real(let value): return Column(.double(users.map { value(self, Int($0)) }))
      case .time(let value): return Column(.timestampMillis(users.map { value(self, Int($0)) }))
      }
    }
    return ColumnBatch(fields: FeatureTable.fields, columns: columns, rows: users.count)
  }
}
