/// Phrases for high and low values of a column.
package struct ColumnPhrase: Sendable {
  package var high: String
  package var low: String
  /// Columns with the same topic say much the same, so a label uses only one of them.
  package var topic: String

  /// The columns of the clickstream features, in plain language.
  package static let known: [String: ColumnPhrase] = [
    "events": .init(high: "very active", low: "barely active", topic: "activity"),
    "sessions": .init(high: "frequent visitors", low: "rare visitors", topic: "activity"),
    "page_views": .init(high: "heavy browsers", low: "light browsers", topic: "activity"),
    "distinct_pages": .init(high: "explorers of many pages", low: "visitors of few pages", topic: "activity"),
    "active_days": .init(high: "regulars on many days", low: "seldom seen", topic: "activity"),
    "clicks": .init(high: "keen clickers", low: "few clicks", topic: "clicks"),
    "searches": .init(high: "searchers", low: "rarely search", topic: "search"),
    "add_to_carts": .init(high: "cart fillers", low: "empty carts", topic: "buying"),
    "purchases": .init(high: "frequent buyers", low: "rarely buy", topic: "buying"),
    "revenue": .init(high: "big spenders", low: "low spenders", topic: "buying"),
    "avg_session_seconds": .init(high: "long sessions", low: "short sessions", topic: "time"),
    "events_per_session": .init(high: "busy sessions", low: "brief sessions", topic: "activity"),
    "avg_dwell_ms": .init(high: "slow readers", low: "quick skimmers", topic: "time"),
    "night_share": .init(high: "night owls", low: "seldom at night", topic: "hours"),
    "morning_share": .init(high: "morning visitors", low: "seldom in the morning", topic: "hours"),
    "afternoon_share": .init(high: "afternoon visitors", low: "seldom in the afternoon", topic: "hours"),
    "evening_share": .init(high: "evening visitors", low: "seldom in the evening", topic: "hours"),
    "weekend_share": .init(high: "weekend visitors", low: "weekday visitors", topic: "week"),
    "mobile_share": .init(high: "on mobile", low: "on desktop", topic: "device"),
  ]

  static func of(_ column: String) -> ColumnPhrase {
    known[column] ?? ColumnPhrase(high: "high \(column)", low: "low \(column)", topic: column)
  }
}
