import Basics
import Columns
import TestSupport
import Testing

@Suite struct BatchCodingTests {
  private static let fields = RandomColumns.types.enumerated().map {
    ColumnField("c\($0)", $1, nullable: true)
  }

  private func batch(_ rows: Int, nulls: Bool, _ random: inout SeededRandom) -> ColumnBatch {
    let columns = Self.fields.map {
      RandomColumns.column(RandomColumns.scalars($0.type, rows, nulls: nulls, &random), $0.type)
    }
    return ColumnBatch(fields: Self.fields, columns: columns, rows: rows)
  }

  private func bytes(_ batch: ColumnBatch) -> [UInt8] {
    var writer = ByteWriter()
    batch.encode(to: &writer)
    return writer.bytes
  }

  @Test func batchesComeBack() throws {
    var random = SeededRandom(state: 2)
    for (rows, nulls) in [(0, false), (1, true), (40, false), (40, true)] {
      let batch = batch(rows, nulls: nulls, &random)
      var reader = ByteReader(bytes(batch))
      #expect(try ColumnBatch(Self.fields, from: &reader) == batch)
      try reader.expectEnd()
    }
  }

  @Test func dictionariesComeBackAsStrings() throws {
    let column = Column(.dictionary(DictionaryColumn(indices: [1, 0], entries: StringColumn(["a", "b"]))))
    var writer = ByteWriter()
    column.encode(to: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try Column(.string, rows: 2, from: &reader) == Column(.bytes(StringColumn(["b", "a"]))))
  }

  /// Damaged bytes are an error or other values, but every column has its rows, and every value can be read.
  @Test func hostileBytesAreRefused() {
    var random = SeededRandom(state: 3)
    let good = bytes(batch(9, nulls: true, &random))
    for length in stride(from: 0, to: good.count, by: 7) { check(Array(good[..<length]), mustFail: true) }
    for _ in 0..<3000 {
      var damaged = good
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        damaged[Int.random(in: 0..<good.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      check(damaged, mustFail: false)
    }
  }

  private func check(_ bytes: [UInt8], mustFail: Bool) {
    var reader = ByteReader(bytes)
    guard let batch = try? ColumnBatch(Self.fields, from: &reader) else { return }
    #expect(!mustFail)
    for (field, column) in zip(batch.fields, batch.columns) {
      #expect(column.count == batch.rows && column.validity.map { $0.count == batch.rows } ?? true)
      #expect(column.scalars(field.type).count == batch.rows)
    }
  }
}

@Suite struct TypeCodingTests {
  @Test(arguments: RandomColumns.types)
  func typesAndValuesComeBack(type: ColumnType) throws {
    #expect(try ColumnType(decoding: type.encoded) == type)
    var random = SeededRandom(state: 4)
    for value in RandomColumns.scalars(type, 20, nulls: true, &random) {
      #expect(try ScalarValue(decoding: value.encoded) == value)
    }
  }

  @Test func deepTypesAreRefused() {
    let deep = Array(repeating: UInt8(15), count: 100_000)
    #expect(throws: WireError.self) { try ColumnType(decoding: deep) }
    let values = (0..<200_000).map { UInt8($0 % 2 == 0 ? 8 : 1) }
    #expect(throws: WireError.self) { try ScalarValue(decoding: values) }
  }
}
