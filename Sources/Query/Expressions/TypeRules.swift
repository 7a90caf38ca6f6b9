import Columns

// Names of types in SQL, implicit casts, and the common type of several expressions, by PostgreSQL's rules.

extension ColumnType {
  /// The name as in SQL: `bigint`, `decimal(10,2)`.
  package var sqlName: String {
    switch self {
    case .bool: "boolean"
    case .int16: "smallint"
    case .int32: "integer"
    case .int64: "bigint"
    case .float: "real"
    case .double: "double precision"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .string: "text"
    case .json: "json"
    case .binary: "bytea"
    case .date: "date"
    case .timestamp: "timestamp"
    case .timestampMillis, .timestampTZ: "timestamptz"
    case .interval: "interval"
    case .list(let element): element.sqlName + "[]"
    case .structure(let fields):
      "struct(" + fields.map { "\($0.name) \($0.type.sqlName)" }.joined(separator: ", ") + ")"
    }
  }

  /// Numbers are cast implicitly to types of a higher rank, except integers and decimals to real, which would lose digits.
  private var numericRank: Int? {
    switch self {
    case .int16: 0
    case .int32: 1
    case .int64: 2
    case .decimal: 3
    case .float: 4
    case .double: 5
    default: nil
    }
  }

  private var timeRank: Int? {
    switch self {
    case .date: 0
    case .timestamp: 1
    case .timestampMillis: 2
    case .timestampTZ: 3
    default: nil
    }
  }

  /// The smallest decimal type that holds all values of an integer type; a decimal itself; nil for other types.
  package var asDecimal: ColumnType? {
    switch self {
    case .int16: .decimal(precision: 5, scale: 0)
    case .int32: .decimal(precision: 10, scale: 0)
    case .int64: .decimal(precision: 19, scale: 0)
    case .decimal: self
    default: nil
    }
  }

  /// How far an implicit cast goes: 0 for the same type, nil if there is none.
  package func implicitDistance(to target: ColumnType) -> Int? {
    if self == target { return 0 }
    if let from = numericRank, let to = target.numericRank {
      if case .decimal = self, case .decimal = target { return 0 }
      return to > from && target != .float ? to - from : nil
    }
    if let from = timeRank, let to = target.timeRank { return to > from ? to - from : nil }
    switch (self, target) {
    case (.json, .string): return 1
    case (.list(let from), .list(let to)): return from.implicitDistance(to: to)
    default: return nil
    }
  }

  /// PostgreSQL's preferred type of each category: it wins among candidates that need a cast.
  package var isPreferred: Bool {
    switch self {
    case .double, .string, .timestampTZ, .interval, .bool: true
    default: false
    }
  }

  /// The type that all of these are cast to, as in CASE, UNION and `=`; nil if there is none. nil stands for an untyped literal;
  /// text if there is nothing else.
  package static func common(_ types: [ColumnType?]) -> ColumnType? {
    let known = types.compactMap { $0 }
    guard var result = known.first else { return .string }
    for type in known.dropFirst() {
      guard let both = result.common(with: type) else { return nil }
      result = both
    }
    return result
  }

  private func common(with other: ColumnType) -> ColumnType? {
    if self == other { return self }
    if let mine = numericRank, let others = other.numericRank {
      if let a = asDecimal, let b = other.asDecimal, mine >= 3 || others >= 3 { return .widest(a, b) }
      if mine < 3, others < 3 { return mine > others ? self : other }
      return .double
    }
    if let mine = timeRank, let others = other.timeRank {
      // Two different types of which one is an instant.
      if self == .timestampMillis || other == .timestampMillis { return .timestampTZ }
      return mine > others ? self : other
    }
    switch (self, other) {
    case (.json, .string), (.string, .json): return .string
    case (.list(let a), .list(let b)): return a.common(with: b).map { .list($0) }
    case (.structure(let a), .structure(let b)) where a.count == b.count:
      var fields: [ColumnField] = []
      for (mine, others) in zip(a, b) {
        guard let type = mine.type.common(with: others.type) else { return nil }
        fields.append(ColumnField(mine.name, type, nullable: mine.nullable || others.nullable))
      }
      return .structure(fields)
    default: return nil
    }
  }

  /// The decimal type with the digits of both before and after the point, up to 38 in all.
  private static func widest(_ a: ColumnType, _ b: ColumnType) -> ColumnType {
    guard case .decimal(let p1, let s1) = a, case .decimal(let p2, let s2) = b else { return a }
    let scale = max(s1, s2)
    return .decimal(precision: min(38, max(p1 - s1, p2 - s2) + scale), scale: scale)
  }
}
