import Columns
import Query
import TestSupport
import Testing

@Suite struct SumTests {
  @Test func sumsOfDoublesAreRoundedOnce() throws {
    #expect(try sum([1e308, 1e308, -1e308]) == 1e308)
    #expect(try sum([1, 1e100, 1, -1e100]) == 2)
    #expect(try sum(Array(repeating: 0.1, count: 10)) == 1)
    #expect(try sum([.greatestFiniteMagnitude, .greatestFiniteMagnitude]) == .infinity)
    let least = Double.leastNonzeroMagnitude
    #expect(try sum([least, least, -least]) == least)
    // A tie that a rest far below decides.
    #expect(try sum([0x1p53, 1, 0x1p-300]) == 0x1p53 + 2)
    #expect(try sum([0x1p53, 1, -0x1p-300]) == 0x1p53)
    #expect(try sum([0x1p53, 1]) == 0x1p53)
    #expect(try sum([-0.0, -0.0])?.sign == .plus)
    #expect(try sum([.infinity, 1, -.infinity])?.isNaN == true)
    #expect(try sum([.infinity, 1, .greatestFiniteMagnitude]) == .infinity)
    #expect(try sum([.nan, 1])?.isNaN == true)
    #expect(try sum([]) == nil)
  }

  private func sum(_ values: [Double]) throws -> Double? {
    // Enough rows for the loop of eight lanes, in each rotation.
    var results: Set<UInt64?> = []
    for shift in 0..<max(1, values.count) {
      let rotated = Array(values[shift...] + values[..<shift])
      for zeros in [0, 3, 13] where !values.isEmpty || zeros == 0 {
        let padded =
          Array(repeating: 0, count: zeros / 2) + rotated + Array(repeating: 0, count: zeros - zeros / 2)
        guard case .double(let result) = try aggregate("sum", .double(padded), .double) else {
          results.insert(nil)
          continue
        }
        results.insert(result.isNaN ? Double.nan.bitPattern : result.bitPattern)
      }
    }
    #expect(results.count == 1)
    return results.first?.map { Double(bitPattern: $0) }
  }

  @Test func sumsOfIntegersAreExact() throws {
    let limits: [Int64] = [.max, .max, .min, -1]
    #expect(
      try aggregate("sum", .int64(limits), .int64) == .decimal(Int128(Int64.max) * 2 - Int128(1) << 63 - 1))
    #expect(try aggregate("sum", .int32([.max, .max, -1]), .int32) == .int(Int64(Int32.max) * 2 - 1))
    #expect(try aggregate("sum", .int32([]), .int32) == .null)
    #expect(try aggregate("avg", .int32([1, 2]), .int32) == .double(1.5))
    #expect(try aggregate("count", .int32([1, 2, 3]), .int32, validity: [true, false, true]) == .int(2))
  }

  @Test func sumsOfDecimalsOverflowOnlyAtTheEnd() throws {
    let wide = ColumnType.decimal(precision: 38, scale: 2)
    let largest = Int128("99999999999999999999999999999999999999") ?? 0
    #expect(try aggregate("sum", .int128([largest, largest, -largest]), wide) == .decimal(largest))
    #expect(
      try aggregate("sum", .int128([-largest, -largest, -largest, largest, largest]), wide)
        == .decimal(-largest))
    let error = #expect(throws: QueryError.self) { try aggregate("sum", .int128([largest, 1]), wide) }
    #expect(error?.description == "sum: the result is out of range for decimal(38,2)")
    #expect(try aggregate("avg", .int128([largest, largest, largest]), wide) == .decimal(largest))
    #expect(try aggregate("avg", .int128([-largest, -largest, -largest]), wide) == .decimal(-largest))
  }

  @Test func averagesOfDecimalsHaveSixteenDigits() throws {
    let price = ColumnType.decimal(precision: 12, scale: 2)
    let types = try Aggregates.resolve("avg", [price])
    #expect(types.result == .decimal(precision: 38, scale: 16))
    #expect(try aggregate("avg", .int64([100, 100, 0]), price) == .decimal(6_666_666_666_666_667))
    #expect(try aggregate("avg", .int64([-100, -100, 0]), price) == .decimal(-6_666_666_666_666_667))
  }
}
