import Columns
import TestSupport
import Testing

@Suite struct ColumnTests {
  @Test(arguments: RandomColumns.types)
  func rowsAreGatheredSlicedAndConcatenated(type: ColumnType) {
    var random = SeededRandom(state: 1)
    for nulls in [false, true] {
      for count in [0, 1, 50] {
        let expected = RandomColumns.scalars(type, count, nulls: nulls, &random)
        let column = RandomColumns.column(expected, type)
        #expect(column.count == count && column.values.storage == type.storage)
        #expect(column.scalars(type) == expected)

        let rows =
          count == 0 ? [] : (0..<70).map { _ in UInt32.random(in: 0..<UInt32(count), using: &random) }
        #expect(column.gather(rows).scalars(type) == rows.map { expected[Int($0)] })

        let start = Int.random(in: 0...count, using: &random)
        let end = Int.random(in: start...count, using: &random)
        #expect(column.slice(start..<end).scalars(type) == Array(expected[start..<end]))

        let parts = [column.slice(0..<start), column.slice(start..<end), column.slice(end..<count)]
        #expect(Column.concatenate(parts, type).scalars(type) == expected)
        #expect(
          Column.concatenate([column, .nulls(type, count: 3)], type).scalars(type) == expected + [
            .null, .null, .null,
          ])
      }
    }
  }

  @Test func rowsWithoutNullsHaveNoFlags() {
    let column = Column(.int64([1, 0, 3]), validity: [true, false, true])
    #expect(column.gather([0, 2]).validity == nil)
    #expect(column.slice(2..<3).validity == nil)
    #expect(column.gather([0, 1]).validity == [true, false])
  }

  @Test func dictionariesAreStrings() {
    let dictionary = DictionaryColumn(indices: [1, 0, 1, 1], entries: StringColumn(["a", "bcd"]))
    let column = Column(.dictionary(dictionary), validity: [true, true, false, true])
    let expected: [ScalarValue] = [.string("bcd"), .string("a"), .null, .string("bcd")]
    #expect(column.scalars(.string) == expected)
    #expect(column.gather([3, 2, 1]).scalars(.string) == [expected[3], .null, expected[1]])
    #expect(column.slice(1..<3).scalars(.string) == Array(expected[1..<3]))
    let plain = Column(.bytes(StringColumn(["x"])))
    #expect(Column.concatenate([column, plain], .string).scalars(.string) == expected + [.string("x")])
  }

  @Test func constantsRepeat() {
    #expect(
      Column.constant(.string("ab"), .string, count: 3)?.scalars(.string)
        == Array(repeating: .string("ab"), count: 3))
    #expect(Column.constant(.null, .int64, count: 2)?.scalars(.int64) == [.null, .null])
    #expect(Column.constant(.int(1), .int64, count: 0)?.count == 0)
    #expect(Column.constant(.int(1), .string, count: 1) == nil)
  }
}
