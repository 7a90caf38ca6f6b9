import Columns
import Formats
import Storage
import TestSupport
import Testing

/// Lists and structs, written and read.
@Suite struct ParquetNestedTests {
  private static let person: ColumnType = .structure([
    ColumnField("name", .string, nullable: true), ColumnField("id", .int64),
    ColumnField("scores", .list(.list(.double)), nullable: true),
  ])

  private static let fields = [
    ColumnField("numbers", .list(.int32)), ColumnField("numbers?", .list(.int32), nullable: true),
    ColumnField("person", person), ColumnField("person?", person, nullable: true),
    ColumnField("people", .list(person), nullable: true),
    ColumnField("wide", .decimal(precision: 38, scale: 2), nullable: true), ColumnField("plain", .int64),
  ]

  private func random(_ type: ColumnType, _ nullable: Bool, _ generator: inout SeededRandom) -> ScalarValue {
    if nullable, Int.random(in: 0..<4, using: &generator) == 0 { return .null }
    switch type {
    case .int32, .int64: return .int(Int64.random(in: -9...9, using: &generator))
    case .double: return .double(Double(Int.random(in: 0..<9, using: &generator)) / 7)
    case .decimal: return .decimal(Int128(Int64.random(in: .min ... .max, using: &generator)) << 40)
    case .list(let element):
      let count = Int.random(in: 0..<4, using: &generator)
      return .list((0..<count).map { _ in random(element, true, &generator) })
    case .structure(let fields):
      return .structure(fields.map { random($0.type, $0.nullable, &generator) })
    default: return .string("text \(Int.random(in: 0..<50, using: &generator))")
    }
  }

  private func batch(rows: Int, seed: UInt64) throws -> ColumnBatch {
    var generator = SeededRandom(state: seed)
    let columns = Self.fields.map { field in
      var builder = ColumnBuilder(field)
      for _ in 0..<rows {
        let fits = builder.append(random(field.type, field.nullable, &generator))
        #expect(fits)
      }
      return builder.take()
    }
    return ColumnBatch(fields: Self.fields, columns: columns, rows: rows)
  }

  private func scalars(_ batch: ColumnBatch) -> [[ScalarValue]] {
    (0..<batch.rows).map { row in
      zip(batch.columns, batch.fields).map { $0.scalar(row, $1.type) }
    }
  }

  @Test(arguments: [ParquetCodec.none, .lz4])
  func valuesComeBack(codec: ParquetCodec) throws {
    let batch = try batch(rows: 2000, seed: 1)
    let bytes = try ParquetFixtures.write([batch], options: .init(codec: codec, rowGroupRows: 900))
    let file = try ParquetFile(ParquetBytes(bytes))
    #expect(file.fields == batch.fields)
    let expected = scalars(batch)
    var rows: [[ScalarValue]] = []
    for group in file.rowGroups.indices {
      rows += scalars(try file.read(rowGroup: group, columns: Self.fields.map(\.name)))
    }
    #expect(rows == expected)
    for size in [1, 7, 64] {
      rows = []
      for group in file.rowGroups.indices {
        let reader = try file.reader(rowGroup: group, columns: Self.fields.map { ParquetRequest($0.name) })
        while let part = try reader.next(size) { rows += scalars(part) }
      }
      #expect(rows == expected, "batches of \(size)")
    }
  }

  @Test func bytesDoNotDependOnHowRowsAreCut() throws {
    let batch = try batch(rows: 500, seed: 2)
    let options = ParquetOptions(rowGroupRows: 300)
    let whole = try ParquetFixtures.write([batch], options: options)
    for size in [1, 7, 299] {
      let parts = stride(from: 0, to: 500, by: size).map { batch.slice($0..<min($0 + size, 500)) }
      #expect(try ParquetFixtures.write(parts, options: options) == whole)
    }
  }

  @Test func longRowsFillPagesOfTheirOwn() throws {
    let field = ColumnField("x", .list(.int64))
    var builder = ColumnBuilder(field)
    for row in 0..<30 {
      _ = builder.append(.list((0..<20_000).map { .int(Int64(row * 1_000_003 + $0 * 7919)) }))
    }
    let batch = ColumnBatch(fields: [field], columns: [builder.take()], rows: 30)
    let file = try ParquetFile(ParquetBytes(try ParquetFixtures.write([batch])))
    #expect(try file.read(rowGroup: 0, columns: ["x"]) == batch)
  }

  @Test func whatCannotBeWritten() throws {
    func refuse(_ field: ColumnField, _ column: Column, _ message: String) {
      let error = #expect(throws: StorageError.self) {
        try ParquetFixtures.write([ColumnBatch(fields: [field], columns: [column], rows: column.count)])
      }
      #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
    refuse(
      ColumnField("a", .list(.interval)), .nulls(.list(.interval), count: 1), "column 'a': intervals cannot")
    let type: ColumnType = .structure([ColumnField("x", .int64)])
    let inner = Column(.structure([Column(.int64([0]), validity: [false])], rows: 1))
    refuse(ColumnField("a", type), inner, "nulls in 'x', which is not nullable")
    refuse(ColumnField("a", type), .nulls(type, count: 1), "nulls in 'a', which is not nullable")
    refuse(ColumnField("a", type), Column(.structure([Column(.int32([0]))], rows: 1)), "expected 1 of struct")
  }
}
