import Basics
import Columns
import Storage

extension Column {
  /// The same values in a type that holds them all; nil if there is no such change. See ``ColumnType/wider(_:_:)``.
  /// - Throws: `StorageError.corrupt` for a value that does not fit after all.
  func widened(_ from: ColumnType, _ to: ColumnType) throws -> Column? {
    if from == to || from.storage == to.storage && from.isInteger && to.isInteger && to != .int16 {
      return self
    }
    switch (from, to) {
    case (.int16, .int64), (.int32, .int64): return Column(.int64(integers), validity: validity)
    case (_, .float) where from == .int16:
      return doubles(from).map { Column(.float($0.map { Float($0) }), validity: validity) }
    case (_, .double) where from.isNumeric:
      return doubles(from).map { Column(.double($0), validity: validity) }
    case (_, .decimal(_, let scale)) where from.isInteger: return try decimal(0, to, scale)
    case (.decimal(_, let old), .decimal(_, let new)) where new >= old: return try decimal(old, to, new)
    case (.date, .timestamp), (.date, .timestampTZ):
      return Column(.int64(try scaled(86_400_000_000)), validity: validity)
    case (.timestampMillis, .timestamp), (.timestampMillis, .timestampTZ):
      return Column(.int64(try scaled(1000)), validity: validity)
    case (.json, .string), (.string, .binary), (.json, .binary): return self
    case (.list(let old), .list(let new)):
      guard case .list(var lists) = values, let elements = try lists.elements.widened(old, new) else {
        return nil
      }
      lists.elements = elements
      return Column(.list(lists), validity: validity)
    case (.structure(let old), .structure(let new)):
      guard case .structure(let columns, let rows) = values else { return nil }
      var fields: [Column] = []
      for field in new {
        guard let index = old.firstIndex(where: { $0.name.hasSameBytes(as: field.name) }) else {
          fields.append(.nulls(field.type, count: rows))
          continue
        }
        guard let column = try columns[index].widened(old[index].type, field.type) else { return nil }
        fields.append(column)
      }
      return Column(.structure(fields, rows: rows), validity: validity)
    case (_, .string): return text(from)
    default: return nil
    }
  }

  private var integers: [Int64] {
    switch values {
    case .int32(let values): values.map { Int64($0) }
    case .int64(let values): values
    default: []
    }
  }

  private func doubles(_ type: ColumnType) -> [Double]? { values.doubles(type) }

  private func scaled(_ factor: Int64) throws -> [Int64] {
    try integers.map { value in
      let (product, overflow) = value.multipliedReportingOverflow(by: factor)
      guard !overflow else { throw Column.overflow("\(value)", .timestamp) }
      return product
    }
  }

  private func decimal(_ old: Int, _ type: ColumnType, _ scale: Int) throws -> Column {
    guard case .decimal(let precision, _) = type else { return self }
    var factor: Int128 = 1
    for _ in old..<max(old, scale) { factor *= 10 }
    var limit: Int128 = 1
    for _ in 0..<precision { limit *= 10 }
    let wide: [Int128] = if case .int128(let values) = values { values } else { integers.map { Int128($0) } }
    let products = try wide.map { value in
      let (product, overflow) = value.multipliedReportingOverflow(by: factor)
      guard !overflow, product.magnitude < limit.magnitude else { throw Column.overflow("\(value)", type) }
      return product
    }
    if type.storage == .int64 {
      return Column(.int64(products.map { Int64(truncatingIfNeeded: $0) }), validity: validity)
    }
    return Column(.int128(products), validity: validity)
  }

  private static func overflow(_ value: String, _ type: ColumnType) -> StorageError {
    .corrupt(location: "value \(value)", message: "does not fit \(type.name)")
  }

  private func text(_ type: ColumnType) -> Column {
    var strings = StringColumn()
    for row in 0..<count {
      strings.append(isNull(row) ? "" : PlainValueText.text(scalar(row, type), type))
    }
    return Column(.bytes(strings), validity: validity)
  }
}
