import Columns
import TestSupport

/// Random columns, and what is expected of them as plain values.
enum RandomColumns {
  static let types: [ColumnType] = [
    .bool, .int16, .int32, .int64, .float, .double, .decimal(precision: 9, scale: 2),
    .decimal(precision: 38, scale: 10), .string, .json, .binary, .date, .timestampMillis, .timestamp,
    .timestampTZ, .interval, .list(.string), .list(.list(.int64)),
    .structure([ColumnField("a", .string, nullable: true), ColumnField("b", .list(.double), nullable: true)]),
    .list(.structure([ColumnField("x", .int32, nullable: true)])),
  ]

  static func scalars(_ type: ColumnType, _ count: Int, nulls: Bool, _ random: inout SeededRandom)
    -> [ScalarValue]
  {
    (0..<count).map { _ in scalar(type, nulls: nulls, &random) }
  }

  static func scalar(_ type: ColumnType, nulls: Bool, _ random: inout SeededRandom) -> ScalarValue {
    if nulls, UInt8.random(in: 0..<4, using: &random) == 0 { return .null }
    switch type {
    case .bool: return .bool(Bool.random(using: &random))
    case .int16: return .int(Int64(Int16.random(in: .min ... .max, using: &random)))
    case .int32, .date: return .int(Int64(Int32.random(in: .min ... .max, using: &random)))
    case .int64, .timestampMillis, .timestamp, .timestampTZ:
      return .int(Int64.random(in: .min ... .max, using: &random))
    case .decimal(let precision, _):
      let value = Int128(Int64.random(in: -999_999_999...999_999_999, using: &random))
      return .decimal(precision > 18 ? value * value * value : value)
    case .float: return .float(Float.random(in: -1e9...1e9, using: &random))
    case .double: return .double(Double.random(in: -1e9...1e9, using: &random))
    case .string, .json, .binary:
      // Of lengths on both sides of the words that copies are made in.
      let length = Int.random(in: 0..<40, using: &random)
      return .bytes((0..<length).map { _ in UInt8.random(in: 97...122, using: &random) })
    case .interval:
      return .interval(
        Interval(
          months: Int32.random(in: -9...9, using: &random), days: Int32.random(in: -9...9, using: &random),
          microseconds: Int64.random(in: .min ... .max, using: &random)))
    case .list(let element):
      return .list(scalars(element, Int.random(in: 0..<4, using: &random), nulls: nulls, &random))
    case .structure(let fields):
      return .structure(fields.map { scalar($0.type, nulls: nulls, &random) })
    }
  }

  static func column(_ scalars: [ScalarValue], _ type: ColumnType) -> Column {
    var builder = ColumnBuilder(ColumnField("x", type, nullable: true))
    for scalar in scalars { _ = builder.append(scalar) }
    return builder.take()
  }
}

extension Column {
  func scalars(_ type: ColumnType) -> [ScalarValue] { (0..<count).map { scalar($0, type) } }
}
