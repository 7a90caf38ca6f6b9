import Columns
import Query
import Shuffle
import TestSupport
import Testing

/// The order of key bytes is the order of SQL, and equal keys are equal bytes.
struct KeyEncoderTests {
  private static let types: [(ColumnType, [ScalarValue])] = [
    (.bool, [.bool(true), .bool(false)]),
    (.int32, [.int(0), .int(-1), .int(1), .int(Int64(Int32.min)), .int(Int64(Int32.max)), .int(256)]),
    (.int64, [.int(0), .int(-1), .int(1), .int(.min), .int(.max), .int(1 << 40)]),
    (.decimal(precision: 38, scale: 2), [.decimal(0), .decimal(-5), .decimal(Int128(1) << 100)]),
    (
      .double,
      [
        .double(0), .double(-0.0), .double(.nan), .double(-.nan), .double(.infinity), .double(-1.5),
        .double(.leastNonzeroMagnitude),
      ]
    ),
    (.float, [.float(0), .float(-0.0), .float(.nan), .float(2.5), .float(-.infinity)]),
    (.string, ["", "a", "ab", "a\0", "a\0b", "\0", "ä", "b"].map { .string($0) }),
    (.date, [.int(0), .int(-1), .int(19_000)]),
    (
      .list(.string),
      [
        .list([]), .list([.string("a")]), .list([.null]), .list([.string("a"), .string("")]),
        .list([.string("b")]),
      ]
    ),
  ]

  private func keys(_ values: [ScalarValue], _ part: KeyEncoder.Part, isOrdered: Bool) throws -> [[UInt8]] {
    var builder = ColumnBuilder(ColumnField("a", part.type, nullable: true))
    for value in values {
      let fits = builder.append(value)
      #expect(fits)
    }
    var encoder = KeyEncoder([part, KeyEncoder.Part(.int32)], isOrdered: isOrdered)
    let buffer = KeyBuffer()
    let second = Column(.int32(Array(repeating: 7, count: values.count)))
    encoder.encode([builder.take(), second], rows: values.count, into: buffer)
    return values.indices.map { Array(buffer[$0]) }
  }

  @Test func orderOfBytes() throws {
    for (type, values) in Self.types {
      for isDescending in [false, true] { try check(type, values, isDescending: isDescending) }
    }
  }

  private func check(_ type: ColumnType, _ values: [ScalarValue], isDescending: Bool) throws {
    for nullsFirst in [false, true] {
      let all = values + [.null]
      let part = KeyEncoder.Part(type, isDescending: isDescending, nullsFirst: nullsFirst)
      let keys = try keys(all, part, isOrdered: true)
      for (a, x) in zip(all, keys) {
        for (b, y) in zip(all, keys) {
          let order = ByteOrder.compare(x, y).signum()
          if a.isNull || b.isNull {
            let wanted = a.isNull && b.isNull ? 0 : (a.isNull == nullsFirst ? -1 : 1)
            #expect(order == wanted, "\(a) \(b)")
          } else {
            let wanted = ScalarValue.compare(a, b).signum()
            #expect(order == (isDescending ? -wanted : wanted), "\(a) \(b)")
          }
        }
      }
    }
  }

  @Test func equality() throws {
    for (type, values) in Self.types { try checkEquality(type, values) }
  }

  private func checkEquality(_ type: ColumnType, _ values: [ScalarValue]) throws {
    let keys = try keys(values + [.null], KeyEncoder.Part(type), isOrdered: false)
    for (a, x) in zip(values, keys) {
      #expect(x != keys[values.count])
      for (b, y) in zip(values, keys) { #expect((x == y) == (ScalarValue.compare(a, b) == 0), "\(a) \(b)") }
    }
  }
}
