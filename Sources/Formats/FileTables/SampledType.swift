import Basics
import Columns

struct SampledColumn: Hashable, Sendable {
  var name: String
  var type: SampledType
}

/// The type of the values seen so far in a column.
indirect enum SampledType: Hashable, Sendable {
  /// Only nulls.
  case unknown
  case scalar(ColumnType)
  case list(SampledType)
  case structure([SampledColumn])
  /// Values of types that have no type in common.
  case mixed

  /// The type of a column with these values; text if only nulls have been seen.
  /// - Parameter mixed: The type of mixed values.
  func columnType(mixed: ColumnType) -> ColumnType {
    switch self {
    case .unknown: return mixed == .json ? .json : .string
    case .scalar(let type): return type
    case .mixed: return mixed
    case .list(let element): return .list(element.columnType(mixed: mixed))
    case .structure(let columns):
      // A struct without fields holds nothing; its text does.
      if columns.isEmpty { return mixed }
      return .structure(
        columns.map { ColumnField($0.name, $0.type.columnType(mixed: mixed), nullable: true) })
    }
  }

  init(_ type: ColumnType) {
    switch type {
    case .list(let element): self = .list(SampledType(element))
    case .structure(let fields):
      self = .structure(fields.map { SampledColumn(name: $0.name, type: SampledType($0.type)) })
    default: self = .scalar(type)
    }
  }

  func union(_ other: SampledType) -> SampledType {
    switch (self, other) {
    case (.unknown, let type), (let type, .unknown): return type
    case (.mixed, _), (_, .mixed): return .mixed
    case (.scalar(let a), .scalar(let b)): return ColumnType.wider(a, b).map { .scalar($0) } ?? .mixed
    case (.list(let a), .list(let b)): return .list(a.union(b))
    case (.structure(let a), .structure(let b)): return .structure(SampledColumn.union(a, b))
    default: return .mixed
    }
  }
}

extension SampledColumn {
  /// By name, in the order of first appearance.
  static func union(_ a: [SampledColumn], _ b: [SampledColumn]) -> [SampledColumn] {
    var result = a
    var indexes: [ExactName: Int] = [:]
    for (index, column) in a.enumerated() { indexes[ExactName(column.name)] = index }
    for column in b {
      if let index = indexes[ExactName(column.name)] {
        result[index].type = result[index].type.union(column.type)
      } else {
        indexes[ExactName(column.name)] = result.count
        result.append(column)
      }
    }
    return result
  }
}

extension ColumnType {
  /// The type that holds the values of both types, without a change of meaning; nil if there is none.
  static func wider(_ a: ColumnType, _ b: ColumnType) -> ColumnType? {
    if a == b { return a }
    if let type = widerTime(a, b) ?? widerTime(b, a) { return type }
    guard a.isNumeric, b.isNumeric else { return nil }
    if a.isInteger, b.isInteger { return a == .int64 || b == .int64 ? .int64 : .int32 }
    guard let (precision, scale) = a.digits, let (otherPrecision, otherScale) = b.digits else {
      return .double
    }
    let largestScale = max(scale, otherScale)
    let whole = max(precision - scale, otherPrecision - otherScale)
    return whole + largestScale <= 38
      ? .decimal(precision: whole + largestScale, scale: largestScale) : .double
  }

  private static func widerTime(_ a: ColumnType, _ b: ColumnType) -> ColumnType? {
    switch (a, b) {
    case (.date, .timestamp), (.date, .timestampMillis), (.timestampMillis, .timestamp): .timestamp
    default: nil
    }
  }

  /// Digits in all, and after the point, of exact numbers.
  private var digits: (Int, Int)? {
    switch self {
    case .int16: (5, 0)
    case .int32: (10, 0)
    case .int64: (19, 0)
    case .decimal(let precision, let scale): (precision, scale)
    default: nil
    }
  }
}
