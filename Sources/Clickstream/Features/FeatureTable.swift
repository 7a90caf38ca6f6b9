import Columns
import Storage

/// The table of user features: its columns, and its rows from finished aggregates, in the order of the bytes of the ids.
package struct FeatureTable: ~Copyable {
  package static let fields: [ColumnField] =
    [ColumnField("user_id", .string)]
    + [
      "events", "sessions", "page_views", "clicks", "searches", "add_to_carts", "purchases", "distinct_pages",
      "active_days",
    ].map { ColumnField($0, .int64) }
    + [
      "revenue", "avg_session_seconds", "events_per_session", "avg_dwell_ms", "night_share", "morning_share",
      "afternoon_share", "evening_share", "weekend_share", "mobile_share",
    ].map { ColumnField($0, .double) }
    + ["first_seen", "last_seen"].map { ColumnField($0, .timestampMillis) }

  /// Raise the version when a column is computed differently: finished outputs are then computed again.
  static let program = StepProgram(version: 2, columns: fields.map { "\($0.name) \($0.type)" })

  private let aggregates: UserAggregates
  /// Users in the order of the rows.
  private var order: FlatArray<UInt32>
  /// One a user, as all below.
  private var sessions: FlatArray<Int64>
  /// Σ (last − first) over sessions, milliseconds. 128 bits: enough for any number of sessions of ten thousand years.
  private var durations: FlatArray<Int128>
  private var distinctPages: FlatArray<Int64>
  private var activeDays: FlatArray<Int64>

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

  /// Some of the rows, in the order of `fields`.
  package func batch(_ range: Range<Int>) -> ColumnBatch {
    let users = UnsafeMutableBufferPointer(rebasing: order.elements[range])
    var ids = StringColumn()
    for user in users { ids.append(aggregates.users[Int(user)]) }

    func integers(_ value: (Int) -> Int64) -> Column { Column(.int64(users.map { value(Int($0)) })) }
    func times(_ value: (Int) -> Int64) -> Column { Column(.timestampMillis(users.map { value(Int($0)) })) }
    func doubles(_ value: (Int) -> Double) -> Column { Column(.double(users.map { value(Int($0)) })) }
    func count(_ count: UserCount) -> Column { integers { aggregates.rows[$0][count] } }
    let events = Column(.int64(users.map { aggregates.rows[Int($0)].events }))
    // A broken peer could send a user without events: a share of none is none.
    func ratio(_ sum: Double, _ number: Int64) -> Double { number == 0 ? 0 : sum / Double(number) }
    func share(_ count: UserCount) -> Column {
      doubles { ratio(Double(aggregates.rows[$0][count]), aggregates.rows[$0].events) }
    }

    // The general conversion takes two thousand instructions; what fits into 64 bits gives the same double.
    func nearest(_ sum: Int128) -> Double { Int64(exactly: sum).map(Double.init) ?? Double(sum) }

    let columns = [
      Column(.string(ids)), events, integers { sessions[$0] }, count(.pageViews), count(.clicks),
      count(.searches), count(.addToCarts), count(.purchases), integers { distinctPages[$0] },
      integers { activeDays[$0] }, doubles { aggregates.rows[$0].revenue },
      doubles { ratio(nearest(durations[$0]) / 1000, sessions[$0]) },
      doubles { ratio(Double(aggregates.rows[$0].events), sessions[$0]) },
      doubles { ratio(aggregates.rows[$0].dwell, aggregates.rows[$0][.dwells]) },
      share(.night), share(.morning), share(.afternoon), share(.evening), share(.weekend), share(.mobile),
      times { aggregates.rows[$0].first }, times { aggregates.rows[$0].last },
    ]
    return ColumnBatch(fields: FeatureTable.fields, columns: columns, rows: users.count)
  }
}
