import Columns
import Storage

/// The rows of the feature table, made from finished aggregates and ordered by the bytes of the user ids.
package struct FeatureTable: ~Copyable {
  package static let fields = Feature.all.map(\.field)

  /// Raise the version when a column is computed differently: finished outputs are then computed again.
  static let program = StepProgram(version: 2, columns: fields.map { "\($0.name) \($0.type)" })

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
    order = finished.users.sorted()
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
        return Column(.bytes(ids))
      case .integer(let value): return Column(.int64(users.map { value(self, Int($0)) }))
      case .real(let value): return Column(.double(users.map { value(self, Int($0)) }))
      case .time(let value): return Column(.int64(users.map { value(self, Int($0)) }))
      }
    }
    return ColumnBatch(fields: FeatureTable.fields, columns: columns, rows: users.count)
  }
}
