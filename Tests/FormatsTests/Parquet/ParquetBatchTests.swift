import Columns
import Formats
import Storage
import TestSupport
import Testing

/// Row groups read in batches, and what the footer says about them.
@Suite struct ParquetBatchTests {
  @Test(arguments: [3, 1000, Int.max])
  func batchesAreTheRowsOfTheRowGroup(spread: Int) throws {
    let batch = ParquetFixtures.batch(rows: 3000, spread: min(spread, 1 << 40), seed: 7)
    let file = try ParquetFile(
      ParquetBytes(try ParquetFixtures.write([batch], options: .init(codec: .snappy, rowGroupRows: 3000))))
    for size in [1, 100, 1023, 2999, 5000] {
      let reader = try file.reader(rowGroup: 0, columns: batch.fields.map { ParquetRequest($0.name) })
      var parts: [ColumnBatch] = []
      while let part = try reader.next(size) { parts.append(part) }
      #expect(parts.dropLast().allSatisfy { $0.rows == size } && reader.remaining == 0)
      #expect(ColumnBatch.concatenate(parts, batch.fields) == batch)
    }
  }

  @Test func dictionariesAreKept() throws {
    let texts = (0..<4000).map { "text \($0 % 7)" }
    let flags = (0..<4000).map { $0 % 5 != 0 }
    let strings = Column(.bytes(StringColumn(zip(texts, flags).map { $1 ? $0 : "" })), validity: flags)
    let unique = Column(.bytes(StringColumn((0..<4000).map { "unique \($0)" })))
    let fields = [ColumnField("few", .string, nullable: true), ColumnField("many", .string)]
    let batch = ColumnBatch(fields: fields, columns: [strings, unique], rows: 4000)
    let file = try ParquetFile(ParquetBytes(try ParquetFixtures.write([batch])))
    let reader = try file.reader(
      rowGroup: 0, columns: fields.map { ParquetRequest($0.name, keepsDictionary: true) })
    var row = 0
    while let part = try reader.next(999) {
      guard case .dictionary(let few) = part.columns[0].values, case .bytes = part.columns[1].values else {
        Issue.record("\(part.columns.map(\.values.storage))")
        return
      }
      #expect(few.entries.count == 7)
      for index in 0..<part.rows {
        #expect(part.columns[0].isNull(index) == !flags[row + index])
        if flags[row + index] { #expect(few.entries[Int(few.indices[index])] == texts[row + index]) }
      }
      row += part.rows
    }
    #expect(row == 4000)
  }

  @Test func rangesAreInUnitsOfTheColumn() throws {
    let columns: [(ColumnType, ColumnValues, ColumnRange.Bounds)] = [
      (.date, .int32([5, -3]), .integers(-3...5)), (.timestamp, .int64([-7, 1]), .integers(-7...1)),
      (.timestampTZ, .int64([2, 1]), .integers(1...2)), (.int16, .int32([9, 8]), .integers(8...9)),
      (.timestampMillis, .int64([3, 4]), .integers(3000...4000)),
      (.decimal(precision: 9, scale: 2), .int64([-150, 25]), .integers(-150...25)),
      (.decimal(precision: 30, scale: 2), .int128([-150, 25]), .integers(-150...25)),
      (.string, .bytes(StringColumn(["b", "a"])), .bytes(low: Array("a".utf8), high: Array("b".utf8))),
    ]
    let fields = columns.map { ColumnField($0.0.name, $0.0) }
    let batch = ColumnBatch(fields: fields, columns: columns.map { Column($0.1) }, rows: 2)
    let reader = ParquetBytes(try ParquetFixtures.write([batch]))
    let ranges = try ParquetTableFormat.ranges(reader, columns: fields)[0]
    #expect(ranges.map { $0?.bounds } == columns.map { $0.2 })
    // Bounds beyond 64 bits are not known.
    let large = ColumnBatch(
      fields: [ColumnField("x", .decimal(precision: 38, scale: 0))],
      columns: [Column(.int128([Int128(1) << 100, 5]))], rows: 2)
    let range = try ParquetFile(ParquetBytes(try ParquetFixtures.write([large]))).range(
      rowGroup: 0, column: "x")
    #expect(range == ColumnRange(bounds: nil, nulls: 0))
  }

  @Test func millisecondsAreReadAsMicroseconds() throws {
    let field = ColumnField("t", .timestampMillis)
    func file(_ values: [Int64]) throws -> ParquetFile {
      let batch = ColumnBatch(fields: [field], columns: [Column(.int64(values))], rows: values.count)
      return try ParquetFile(ParquetBytes(try ParquetFixtures.write([batch])))
    }
    let read = try file([-1, 1_743_465_600_000]).read(rowGroup: 0, columns: ["t"])
    #expect(read.fields == [ColumnField("t", .timestampTZ)])
    #expect(read.columns == [Column(.int64([-1000, 1_743_465_600_000_000]))])
    #expect(throws: StorageError.self) { try file([.max / 2]).read(rowGroup: 0, columns: ["t"]) }
  }
}
