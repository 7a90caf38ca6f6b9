import Columns

/// Rows with a column of each type beyond ``Sample``: nested ones, wide decimals, times. The values follow from the number of
/// the row, so that a test in another language can compute them too (`typed_row` of
/// Tests/Integration/formats/test_parquet_types.py).
enum TypesSample {
  private static let person: ColumnType = .structure([
    ColumnField("name", .string, nullable: true), ColumnField("tags", .list(.string), nullable: true),
    ColumnField("id", .int64),
  ])

  static let fields = [
    ColumnField("small", .int16, nullable: true), ColumnField("date", .date, nullable: true),
    ColumnField("local", .timestamp, nullable: true), ColumnField("instant", .timestampTZ, nullable: true),
    ColumnField("d9", .decimal(precision: 9, scale: 2), nullable: true),
    ColumnField("d38", .decimal(precision: 38, scale: 3), nullable: true),
    ColumnField("few", .decimal(precision: 20, scale: 0)), ColumnField("json", .json, nullable: true),
    ColumnField("numbers", .list(.int32), nullable: true), ColumnField("person", person, nullable: true),
    ColumnField("people", .list(person), nullable: true),
    ColumnField("deep", .list(.list(.structure([ColumnField("a", .double, nullable: true)])))),
  ]

  static func batch(_ rows: Range<Int>) -> ColumnBatch {
    var builders = fields.map { ColumnBuilder($0) }
    for row in rows {
      for (index, value) in values(row).enumerated() {
        let fits = builders[index].append(value)
        precondition(fits, "\(value) in \(fields[index])")
      }
    }
    return ColumnBatch(
      fields: fields, columns: builders.indices.map { builders[$0].take() }, rows: rows.count)
  }

  private static func values(_ row: Int) -> [ScalarValue] {
    let i = Int64(row)
    func unless(_ divisor: Int, _ value: ScalarValue) -> ScalarValue { row % divisor == 0 ? .null : value }
    func person(_ row: Int) -> ScalarValue {
      let tags = (0..<row % 3).map { ScalarValue.string("tag \(row + $0)") }
      return .structure([
        row % 2 == 0 ? .null : .string("name \(row)"), row % 4 == 0 ? .null : .list(tags), .int(Int64(row)),
      ])
    }
    let numbers = (0..<row % 4).map { (row + $0) % 3 == 0 ? ScalarValue.null : .int(Int64(row * 10 + $0)) }
    let people = (0..<row % 3).map { $0 == 1 ? ScalarValue.null : person(row + $0) }
    let deep = (0..<row % 3).map { outer in
      ScalarValue.list((0..<outer * 2).map { .structure([$0 == 1 ? .null : .double(Double(row) / 2)]) })
    }
    return [
      unless(5, .int(i % 1000 - 500)), unless(6, .int(i * 3 - 1000)),
      unless(7, .int(i * 1_000_000_007 - 5_000_000_000)), unless(8, .int(i * 86_400_000_001)),
      unless(9, .decimal(Int128(i * 12_345) - 50)),
      unless(4, .decimal(Int128(i) * 1_000_000_000_000_000_000_007 - 5)), .decimal(Int128(i % 3) - 1),
      unless(3, .string("{\"a\": \(row)}")), unless(5, .list(numbers)), unless(7, person(row)),
      unless(6, .list(people)), .list(deep),
    ]
  }
}
