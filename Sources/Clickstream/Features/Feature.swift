import Columns

/// One column of the table of user features: its name, meaning and computation. Schema, `--explain`, docs/data-formats.md and the
/// fingerprint of the output are made from the list `all`; nothing else names the columns.
package struct Feature: Sendable {
  typealias Getter<Value> = @Sendable (_ table: borrowing FeatureTable, _ user: Int) -> Value

  enum Values: Sendable {
    case id
    case integer(Getter<Int64>)
    case real(Getter<Double>)
    /// Milliseconds since 1970 UTC.
    case time(Getter<Int64>)
  }

  package let name: String
  let values: Values
  /// How the value is computed, in a phrase.
  package let help: String

  package var field: ColumnField {
    switch values {
    case .id: ColumnField(name, .string)
    case .integer: ColumnField(name, .int64)
    case .real: ColumnField(name, .double)
    case .time: ColumnField(name, .timestampMillis)
    }
  }

  /// Changes when a column is computed in another way under the same name, so that older outputs are not up to date.
  static let revision = 2

  /// The columns and how they are computed, for the fingerprint of the output.
  static var definition: String {
    "revision \(revision): " + all.map { "\($0.name) \($0.field.type.name)" }.joined(separator: ", ")
  }

  /// A table for people, in Markdown.
  package static var dictionary: String {
    "| column | type | meaning |\n|---|---|---|\n"
      + all.map { "| \($0.name) | \($0.field.type.name) | \($0.help) |\n" }.joined()
  }

  package static let all: [Feature] = [
    Feature(name: "user_id", values: .id, help: "the user"),
    integer("events", "events of any type") { $0[$1].events },
    integer("sessions", "distinct sessions") { $0.sessions[$1] },
    count("page_views", .pageViews, "events of type page_view"),
    count("clicks", .clicks, "events of type click"),
    count("searches", .searches, "events of type search"),
    count("add_to_carts", .addToCarts, "events of type add_to_cart"),
    count("purchases", .purchases, "events of type purchase"),
    integer("distinct_pages", "distinct page_url values") { $0.distinctPages[$1] },
    integer("active_days", "distinct local dates of events") { $0.activeDays[$1] },
    real("revenue", "Σ price × quantity over purchases; a missing quantity is 1") { $0[$1].revenue },
    real("avg_session_seconds", "mean over sessions of last minus first timestamp") {
      ratio(nearest($0.durations[$1]) / 1000, $0.sessions[$1])
    },
    real("events_per_session", "events / sessions") { ratio(Double($0[$1].events), $0.sessions[$1]) },
    real("avg_dwell_ms", "mean duration_ms of the events that have one; 0 if none has") {
      ratio($0[$1].dwell, $0[$1][.dwells])
    },
    share("night_share", .night, "share of events in local hours 0–5"),
    share("morning_share", .morning, "share of events in local hours 6–11"),
    share("afternoon_share", .afternoon, "share of events in local hours 12–17"),
    share("evening_share", .evening, "share of events in local hours 18–23"),
    share("weekend_share", .weekend, "share of events on a local Saturday or Sunday"),
    share("mobile_share", .mobile, "share of events on device mobile"),
    time("first_seen", "timestamp of the first event, UTC") { $0[$1].first },
    time("last_seen", "timestamp of the last event, UTC") { $0[$1].last },
  ]

  private static func integer(_ name: String, _ help: String, _ value: @escaping Getter<Int64>) -> Feature {
    Feature(name: name, values: .integer(value), help: help)
  }

  private static func real(_ name: String, _ help: String, _ value: @escaping Getter<Double>) -> Feature {
    Feature(name: name, values: .real(value), help: help)
  }

  private static func time(_ name: String, _ help: String, _ value: @escaping Getter<Int64>) -> Feature {
    Feature(name: name, values: .time(value), help: help)
  }

  private static func count(_ name: String, _ count: UserCount, _ help: String) -> Feature {
    integer(name, help) { $0[$1][count] }
  }

  private static func share(_ name: String, _ count: UserCount, _ help: String) -> Feature {
    real(name, help) { ratio(Double($0[$1][count]), $0[$1].events) }
  }

  /// A broken peer could send a user without events: 0 then.
  private static func ratio(_ sum: Double, _ number: Int64) -> Double {
    number == 0 ? 0 : sum / Double(number)
  }

  /// The nearest double. The general conversion takes two thousand instructions; for sums that fit into 64 bits the result is
  /// the same.
  private static func nearest(_ sum: Int128) -> Double { Int64(exactly: sum).map(Double.init) ?? Double(sum) }
}
