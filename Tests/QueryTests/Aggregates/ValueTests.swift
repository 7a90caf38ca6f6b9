import Columns
import Query
import TestSupport
import Testing

@Suite struct AggregateValueTests {
  @Test func extremes() throws {
    #expect(try aggregate("min", .double([3, .nan, -2, .infinity]), .double) == .double(-2))
    #expect(try aggregate("max", .double([3, -2]), .double) == .double(3))
    guard case .double(let top) = try aggregate("max", .double([3, .nan, .infinity]), .double),
      case .double(let zero) = try aggregate("min", .double([-0.0]), .double),
      case .double(let only) = try aggregate("min", .double([.nan]), .double)
    else {
      Issue.record("null")
      return
    }
    #expect(top.isNaN && only.isNaN && zero.sign == .plus)
    #expect(try aggregate("min", .int64([5, .min, 7]), .int64, validity: [true, false, true]) == .int(5))
    #expect(try aggregate("max", .bool([false, true]), .bool) == .bool(true))
    let text = StringColumn(["b", "abcdefgh", "abcdefg", "abcdefgh\0", "é", ""])
    #expect(try aggregate("max", .bytes(text), .string) == .string("é"))
    #expect(try aggregate("min", .bytes(text), .string) == .string(""))
    let zeros = StringColumn(["a\0\0", "a", "a\0"])
    #expect(try aggregate("min", .bytes(zeros), .string) == .string("a"))
    #expect(try aggregate("max", .bytes(zeros), .string) == .string("a\0\0"))
    let month = Interval(months: 1), days = Interval(days: 29)
    #expect(try aggregate("max", .interval([days, month]), .interval) == .interval(month))
  }

  @Test func dictionaries() throws {
    let column = DictionaryColumn(indices: [2, 0, 1, 0], entries: StringColumn(["m", "z", "a"]))
    #expect(try aggregate("min", .dictionary(column), .string) == .string("a"))
    #expect(try aggregate("last", .dictionary(column), .string) == .string("m"))
    #expect(try aggregate("mode", .dictionary(column), .string) == .string("m"))
    #expect(try aggregate("approx_count_distinct", .dictionary(column), .string) == .int(3))
  }

  @Test func picksFollowTheRows() throws {
    let validity = [false, true, true, false]
    #expect(try aggregate("first", .int64([0, 1, 2, 0]), .int64, validity: validity) == .null)
    #expect(try aggregate("last", .int64([0, 1, 2, 0]), .int64, validity: validity) == .null)
    #expect(try aggregate("any_value", .int64([0, 1, 2, 0]), .int64, validity: validity) == .int(1))
    let run = try AggregateRun("arg_max", [.string, .double], groups: 1)
    let columns = [
      Column(.bytes(StringColumn(["a", "b", "c", "d"])), validity: [true, true, true, false]),
      Column(.double([1, 4, 4, 9])),
    ]
    #expect(run.scalars(try run.whole([], columns, rows: 4)) == [.string("b")])
  }

  @Test func listsAndTexts() throws {
    let run = try AggregateRun("string_agg", [.string, .string], groups: 2)
    let texts = Column(.bytes(StringColumn(["a", "b", "", "c"])), validity: [true, true, false, true])
    let delimiters = Column(.bytes(StringColumn([",", ";", "!", "-"])))
    #expect(
      run.scalars(try run.whole([0, 0, 0, 0], [texts, delimiters], rows: 4)) == [.string("a;b-c"), .null])
    #expect(
      try aggregate("array_agg", .int64([1, 0, 3]), .int64, validity: [true, false, true])
        == .list([.int(1), .null, .int(3)]))
    #expect(try aggregate("array_agg", .int64([]), .int64) == .null)
  }

  @Test func modesAndMedians() throws {
    #expect(try aggregate("mode", .int64([3, 1, 3, 1, 2]), .int64) == .int(1))
    #expect(try aggregate("median", .double([3, 1, 2, 10]), .double) == .double(2.5))
    #expect(try aggregate("median", .double([1, .infinity, .infinity]), .double) == .double(.infinity))
    #expect(try aggregate("median", .int64([10, 21]), .timestamp) == .int(16))
    #expect(try aggregate("median", .double([]), .double) == .null)
  }

  @Test func percentiles() throws {
    func result(_ name: String, _ fraction: Double, _ values: [Double]) throws -> ScalarValue {
      let run = try AggregateRun(name, [.double, .double], groups: 1)
      let fractions = Column(.double(Array(repeating: fraction, count: values.count)))
      return run.scalars(try run.whole([], [fractions, Column(.double(values))], rows: values.count))[0]
    }
    let values = [15.0, 20, 35, 40, 50]
    for (fraction, disc) in [(0, 15), (0.05, 15), (0.3, 20), (0.4, 20), (0.5, 35), (1, 50)] {
      #expect(try result("percentile_disc", fraction, values) == .double(Double(disc)))
    }
    #expect(try result("percentile_cont", 0.4, values) == .double(29))
    let error = #expect(throws: QueryError.self) { try result("percentile_cont", 1.5, values) }
    #expect(error?.description == "percentile_cont: 1.5 is not a fraction between 0 and 1")
  }

  @Test func logicAndBits() throws {
    #expect(try aggregate("bool_and", .bool([true, false]), .bool, validity: [true, false]) == .bool(true))
    #expect(try aggregate("bool_or", .bool([]), .bool) == .null)
    #expect(try aggregate("bit_and", .int64([12, 10]), .int64) == .int(8))
    #expect(try aggregate("bit_or", .int32([12, 10]), .int32) == .int(14))
    #expect(try aggregate("bit_xor", .int32([12, 10]), .int16) == .int(6))
    #expect(
      try aggregate("count_if", .bool([true, true, false]), .bool, validity: [true, false, true]) == .int(1))
  }

  @Test func distinctCountsAreClose() throws {
    for distinct: Int64 in [1, 100, 128, 129, 1000, 10_000, 100_000] {
      // Twice each.
      let values = (0..<distinct).map { $0 &* 7919 }
      guard case .int(let estimate) = try aggregate("approx_count_distinct", .int64(values + values), .int64)
      else {
        Issue.record("null")
        continue
      }
      if distinct <= 128 { #expect(estimate == distinct) }
      #expect(abs(Double(estimate) / Double(distinct) - 1) < 0.05, "\(estimate) of \(distinct)")
    }
  }

  @Test func quantilesAreClose() throws {
    var random = SeededRandom(state: 3)
    let values = (0..<5000).map { _ in Double.random(in: -1000...1_000_000, using: &random) }
    let sorted = values.sorted()
    for fraction in [0, 0.01, 0.5, 0.9, 1] {
      let run = try AggregateRun("approx_quantile", [.double, .double], groups: 1)
      let fractions = Column(.double(Array(repeating: fraction, count: values.count)))
      guard
        case .double(let result) = run.scalars(
          try run.whole([], [Column(.double(values)), fractions], rows: values.count))[0]
      else {
        Issue.record("null")
        continue
      }
      let exact = sorted[max(0, Int((fraction * 5000).rounded(.up)) - 1)]
      #expect(abs(result) <= abs(exact) && abs(result) >= abs(exact) * 0.996, "\(result) for \(exact)")
    }
  }
}
