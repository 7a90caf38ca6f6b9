import Columns
import Formats
import Storage
import TestSupport
import Testing

/// What other writers do that the format allows, or that readers have to forgive. Files in Tests/Fixtures/parquet.
@Suite struct ForeignParquetTests {
  private func open(_ name: String) throws -> ParquetFile {
    let bytes = try #require(try ParquetFixtures.files().first { $0.name == name }?.bytes)
    return try ParquetFile(ParquetBytes(bytes))
  }

  private func columns(_ name: String, _ columns: [String]) throws -> [Column] {
    try open(name).read(rowGroup: 0, columns: columns).columns
  }

  /// fastparquet gives empty lists the element type 0.
  @Test func fastparquet() throws {
    let columns = try columns("fastparquet.parquet", ["user_id", "x"])
    #expect(columns[0].values == .bytes(StringColumn(["a", "b", "c", "d"])))
    #expect(columns[1].values == .double([1, 2, 9, 10]))
  }

  /// Spark's pages of version 2 claim -1 nulls if statistics are off.
  @Test func sparkWithoutStatistics() throws {
    let columns = try columns("spark-v2-no-statistics.parquet", ["user_id", "k", "x"])
    let isThere = (0..<12).map { ![1, 5, 9].contains($0) }
    #expect(columns[0].values == .bytes(StringColumn((0..<12).map { "u\($0)" })))
    #expect(columns[1] == Column(.int64((0..<12).map { isThere[$0] ? Int64($0) : 0 }), validity: isThere))
    #expect(columns[2].values == .double((0..<12).map(Double.init)))
  }

  @Test func binary() throws {
    let file = try open("binary.parquet")
    #expect(file.fields.map(\.type) == [.string, .binary])
    #expect(
      try file.read(rowGroup: 0, columns: ["b"]).columns[0].values
        == .bytes(StringColumn(bytes: [Array("abcd".utf8), Array("12345678".utf8)])))
  }

  @Test func structs() throws {
    let file = try open("struct.parquet")
    #expect(file.fields.map(\.name) == ["user_id", "device"])
    #expect(
      file.fields[1].type == .structure([ColumnField("kind", .string, nullable: true)])
        && file.unsupported.isEmpty)
    let column = try file.read(rowGroup: 0, columns: ["device"]).columns[0]
    guard case .structure(let columns, let rows) = column.values else {
      Issue.record("\(column.values)")
      return
    }
    #expect(rows == file.rows && columns.count == 1 && columns[0].count == rows)
  }

  /// Two columns whose names Swift's `String` takes for equal.
  @Test func namesAreBytes() throws {
    let names = ["caf\u{e9}", "cafe\u{301}"]
    let batch = ColumnBatch(
      fields: names.map { ColumnField($0, .int32) }, columns: [Column(.int32([1])), Column(.int32([2]))],
      rows: 1)
    let file = try ParquetFile(ParquetBytes(ParquetFixtures.write([batch])))
    for (index, name) in names.enumerated() {
      let read = try file.read(rowGroup: 0, columns: [name])
      #expect(read.columns == [batch.columns[index]])
      #expect(Array(read.fields[0].name.utf8) == Array(name.utf8))
    }
    #expect(batch.fields[0] != ColumnField(names[1], .int32))
  }
}
