import Columns
import Query
import Testing

@Suite struct MomentTests {
  @Test func variancesDoNotCancel() throws {
    // The textbook formula in doubles gives 0 or less here.
    let values = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]
    #expect(try aggregate("var_samp", .double(values), .double) == .double(30))
    #expect(try aggregate("var_pop", .double(values), .double) == .double(22.5))
    #expect(try aggregate("stddev_pop", .double([2, 4, 4, 4, 5, 5, 7, 9]), .double) == .double(2))
    #expect(try aggregate("variance", .double(Array(repeating: 0.1, count: 10)), .double) == .double(0))
    #expect(try aggregate("stddev", .double([1e-170, 3e-170]), .double) == .double(0))
  }

  @Test func fewValues() throws {
    #expect(try aggregate("var_pop", .double([]), .double) == .null)
    #expect(try aggregate("var_pop", .double([7]), .double) == .double(0))
    #expect(try aggregate("var_samp", .double([7]), .double) == .null)
    #expect(try aggregate("stddev_samp", .double([7, 3]), .double, validity: [true, false]) == .null)
  }

  @Test func infinitiesAndNaN() throws {
    for values: [Double] in [[1, .infinity], [1, .nan], [-Double.infinity]] {
      guard case .double(let result) = try aggregate("var_pop", .double(values), .double) else {
        Issue.record("null")
        continue
      }
      #expect(result.isNaN)
    }
    #expect(try aggregate("var_pop", .double([1e200, -1e200]), .double) == .double(.infinity))
  }

  @Test func regression() throws {
    // y = 2x + 1.
    let x = [1.0, 2, 3, 4, 0]
    let y = [3.0, 5, 7, 9, 0]
    let validity = [true, true, true, true, false]
    func result(_ name: String) throws -> ScalarValue {
      let run = try AggregateRun(name, [.double, .double], groups: 1)
      let columns = [Column(.double(y)), Column(.double(x), validity: validity)]
      return run.scalars(try run.whole([], columns, rows: 5))[0]
    }
    #expect(try result("regr_count") == .int(4))
    #expect(try result("regr_avgx") == .double(2.5))
    #expect(try result("regr_avgy") == .double(6))
    #expect(try result("regr_sxx") == .double(5))
    #expect(try result("regr_syy") == .double(20))
    #expect(try result("regr_sxy") == .double(10))
    #expect(try result("regr_slope") == .double(2))
    #expect(try result("regr_intercept") == .double(1))
    #expect(try result("regr_r2") == .double(1))
    #expect(try result("corr") == .double(1))
    #expect(try result("covar_pop") == .double(2.5))
    #expect(try result("covar_samp") == .double(10.0 / 3))
  }

  @Test func constantsHaveNoSlope() throws {
    func result(_ name: String, y: [Double], x: [Double]) throws -> ScalarValue {
      let run = try AggregateRun(name, [.double, .double], groups: 1)
      return run.scalars(try run.whole([], [Column(.double(y)), Column(.double(x))], rows: y.count))[0]
    }
    #expect(try result("corr", y: [1, 2], x: [0.1, 0.1]) == .null)
    #expect(try result("regr_slope", y: [1, 2], x: [0.1, 0.1]) == .null)
    #expect(try result("regr_r2", y: [3, 3], x: [1, 2]) == .double(1))
    #expect(try result("regr_r2", y: [1, 2], x: [3, 3]) == .null)
    #expect(try result("corr", y: [1, 2, 4], x: [-1, -2, -4]) == .double(-1))
  }
}
