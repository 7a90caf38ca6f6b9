import Columns

/// Rows whose values follow from their number, so that a test in another language can compute them too
/// (`sample_row` of Tests/Integration/formats/test_parquet.py). Each type comes without nulls, and with a null in every fourth row.
enum Sample {
  static let fields: [ColumnField] = {
    let plain = [
      ColumnField("flag", .bool), ColumnField("i32", .int32), ColumnField("i64", .int64),
      ColumnField("small", .int64),
      ColumnField("f32", .float), ColumnField("f64", .double), ColumnField("price", .double),
      ColumnField("user", .string), ColumnField("country", .string), ColumnField("ts", .timestampMillis),
    ]
    let nullable = plain.map { ColumnField($0.name + "_n", $0.type, nullable: true) }
    let special = [
      ColumnField("none", .int64, nullable: true), ColumnField("none_text", .string, nullable: true),
      ColumnField("nan", .double), ColumnField("zero", .double), ColumnField("long", .string),
    ]
    return plain + nullable + special
  }()

  static func batch(_ rows: Range<Int>) -> ColumnBatch {
    let validity = rows.map { $0 % 4 != 1 }
    let columns = fields.map { field in
      let name = field.name.hasSuffix("_n") ? String(field.name.dropLast(2)) : field.name
      if name.hasPrefix("none") {
        let values: ColumnValues =
          field.type == .string
          ? .bytes(StringColumn(rows.map { _ in "" })) : .int64(rows.map { _ in 0 })
        return Column(values, validity: rows.map { _ in false })
      }
      return Column(values(name, rows), validity: field.nullable ? validity : nil)
    }
    return ColumnBatch(fields: fields, columns: columns, rows: rows.count)
  }

  private static func values(_ name: String, _ rows: Range<Int>) -> ColumnValues {
    let countries = ["de", "fr", "日本", "", "us"]
    return switch name {
    case "flag": .bool(rows.map { $0 % 3 == 0 })
    case "i32": .int32(rows.map { Int32(truncatingIfNeeded: $0 &* 2_654_435_761) })
    case "i64": .int64(rows.map { Int64($0) * Int64($0) * 1_000_003 - 5_000_000_000_000 })
    case "small": .int64(rows.map { Int64($0 % 7) - 3 })
    case "f32": .float(rows.map { Float($0) / 8 - 100 })
    case "f64": .double(rows.map { Double($0) * 0.1 })
    case "price": .double(rows.map { Double($0 % 11) * 1.25 })
    case "user": .bytes(StringColumn(rows.map { "user-\($0)" }))
    case "country": .bytes(StringColumn(rows.map { countries[$0 % 5] }))
    case "ts": .int64(rows.map { 1_000_000_000_000 - Int64($0) * 86_399_999 * 7 })
    case "nan": .double(rows.map { $0 % 10 == 3 ? .nan : Double($0) })
    case "zero": .double(rows.map { $0 % 2 == 0 ? 0.0 : -0.0 })
    default: .bytes(StringColumn(rows.map { String(repeating: "ab", count: 50) + "\($0)" }))
    }
  }
}
