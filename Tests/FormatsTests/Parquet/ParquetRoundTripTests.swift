import Columns
import Formats
import Storage
import TestSupport
import Testing

@Suite struct ParquetRoundTripTests {
  @Test(arguments: ParquetCodec.allCases, [3, 1000, Int.max])
  func everyTypeComesBack(codec: ParquetCodec, spread: Int) throws {
    let batch = ParquetFixtures.batch(rows: 2500, spread: min(spread, 1 << 40), seed: 1)
    let bytes = try ParquetFixtures.write([batch], options: .init(codec: codec, rowGroupRows: 1000))
    let file = try ParquetFile(ParquetBytes(bytes))
    #expect(file.fields == batch.fields)
    #expect(file.rowGroups.map(\.rows) == [1000, 1000, 500])
    #expect(file.rows == 2500)
    for (group, start) in [0, 1000, 2000].enumerated() {
      let expected = batch.slice(start..<min(start + 1000, 2500))
      #expect(try file.read(rowGroup: group, columns: batch.fields.map(\.name)) == expected)
    }
  }

  @Test func bytesDoNotDependOnHowRowsAreCut() throws {
    let batch = ParquetFixtures.batch(rows: 1000, spread: 50, seed: 2)
    let options = ParquetOptions(rowGroupRows: 300)
    let whole = try ParquetFixtures.write([batch], options: options)
    for size in [1, 7, 299, 300, 301] {
      let parts = stride(from: 0, to: 1000, by: size).map {
        batch.slice($0..<min($0 + size, 1000))
      }
      #expect(try ParquetFixtures.write(parts, options: options) == whole)
    }
  }

  @Test func columnsAreReadInTheOrderAskedForWithOneReadEach() throws {
    let batch = ParquetFixtures.batch(rows: 100, spread: 9, seed: 3)
    let reader = ParquetBytes(try ParquetFixtures.write([batch]))
    let file = try ParquetFile(reader)
    #expect(reader.reads == 1)
    let read = try file.read(rowGroup: 0, columns: ["string?", "bool"])
    #expect(reader.reads == 3)
    #expect(read.fields.map(\.name) == ["string?", "bool"])
    let index = try #require(batch.fields.firstIndex { $0.name == "string?" })
    #expect(read.columns == [batch.columns[index], batch.columns[0]])
    #expect(try file.read(rowGroup: 0, columns: []).rows == 100)
  }

  @Test func manyPagesOfLongStrings() throws {
    let strings = (0..<3000).map { String(repeating: "\($0) ", count: 300) }
    let batch = ColumnBatch(
      fields: [ColumnField("text", .string, nullable: true)],
      columns: [Column(.bytes(StringColumn(strings)))], rows: 3000)
    let bytes = try ParquetFixtures.write([batch])
    #expect(try ParquetFile(ParquetBytes(bytes)).read(rowGroup: 0, columns: ["text"]) == batch)
  }

  @Test func specialNumbersKeepTheirBits() throws {
    let values: [Double] = [
      0, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    // Repeated, so that they go through a dictionary, where −0 must stay apart from +0.
    let doubles = (0..<50).flatMap { _ in values }
    let batch = ColumnBatch(
      fields: [ColumnField("x", .double), ColumnField("y", .float)],
      columns: [Column(.double(doubles)), Column(.float(doubles.map { Float($0) }))], rows: doubles.count)
    let read = try ParquetFile(ParquetBytes(ParquetFixtures.write([batch]))).read(
      rowGroup: 0, columns: ["x", "y"])
    guard case .double(let x) = read.columns[0].values, case .float(let y) = read.columns[1].values else {
      Issue.record("types \(read.columns.map(\.values))")
      return
    }
    #expect(x.map(\.bitPattern) == doubles.map(\.bitPattern))
    #expect(y.map(\.bitPattern) == doubles.map { Float($0).bitPattern })
  }

  @Test func emptyFile() throws {
    let bytes = try ParquetFixtures.write([], fields: [ColumnField("a", .int64)])
    let file = try ParquetFile(ParquetBytes(bytes))
    #expect(file.rowGroups.isEmpty && file.rows == 0 && file.fields == [ColumnField("a", .int64)])
    #expect(throws: StorageError.invalid(location: "memory.parquet", message: "no row group 0; it has 0")) {
      try file.read(rowGroup: 0, columns: [])
    }
  }

  @Test func whatTheWriterRefuses() throws {
    let field = ColumnField("a", .int64)
    func refuse(_ column: Column, rows: Int, _ message: String) {
      let error = #expect(throws: StorageError.self) {
        try ParquetFixtures.write([ColumnBatch(fields: [field], columns: [column], rows: rows)])
      }
      #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
    refuse(Column(.int32([1])), rows: 1, "column 'a': 1 values of int32, expected 1 of int64")
    refuse(Column(.int64([1])), rows: 2, "1 values of int64, expected 2")
    refuse(Column(.int64([1]), validity: [false]), rows: 1, "nulls in a column that is not nullable")
    #expect(throws: StorageError.self) { try ParquetFixtures.write([], fields: []) }
    #expect(throws: StorageError.self) { try ParquetFixtures.write([], fields: [field, field]) }
    #expect(throws: StorageError.self) {
      try ParquetFixtures.write([], fields: [field], options: .init(rowGroupRows: 0))
    }
  }
}
