import Columns

extension Aggregates {
  static let moments: [AggregateFunction] =
    [
      variance("var_pop", "The population variance; null without values.", isSample: false, isRoot: false),
      variance(
        "var_samp", "The sample variance; null for fewer than two values.", isSample: true, isRoot: false),
      variance("variance", "The same as var_samp.", isSample: true, isRoot: false),
      variance(
        "stddev_pop", "The population standard deviation; null without values.", isSample: false, isRoot: true
      ),
      variance(
        "stddev_samp", "The sample standard deviation; null for fewer than two values.", isSample: true,
        isRoot: true),
      variance("stddev", "The same as stddev_samp.", isSample: true, isRoot: true),
      AggregateFunction(
        "regr_count", "regr_count(y, x)", help: "The number of rows in which neither y nor x is null.",
        resolve: { numbers($0, 2).map { AggregateTypes(arguments: $0, result: .int64, state: [.int64]) } },
        makeState: { _ in Count() }),
    ] + pairs

  private static let pairs: [AggregateFunction] = [
    pair("covar_pop", "The population covariance.", [.x, .y, .xy]) { sums, group in
      guard let xy = sums.spread(.xy, .x, .y, group) else { return .nan }
      return xy / (sums.number(group) * sums.number(group))
    },
    pair("covar_samp", "The sample covariance; null for fewer than two pairs.", [.x, .y, .xy]) {
      sums, group in
      guard sums.counts[group] > 1 else { return nil }
      guard let xy = sums.spread(.xy, .x, .y, group) else { return .nan }
      return xy / (sums.number(group) * ExactNumber(sums.counts[group] - 1))
    },
    pair("corr", "The correlation coefficient; null if y or x is constant.", [.x, .y, .xx, .yy, .xy]) {
      sums, group in
      guard let (xx, yy, xy) = sums.spreads(group) else { return .nan }
      if xx.isZero || yy.isZero { return nil }
      // The square is computed exactly, so that points on a line have 1 or −1.
      let size = ((xy * xy) / (xx * yy)).squareRoot()
      return xy.isNegative ? -size : size
    },
    pair("regr_avgx", "The average of x.", [.x]) { sums, group in
      sums.sum(.x, group).map { $0 / sums.number(group) } ?? .nan
    },
    pair("regr_avgy", "The average of y.", [.y]) { sums, group in
      sums.sum(.y, group).map { $0 / sums.number(group) } ?? .nan
    },
    pair("regr_sxx", "The sum of the squared distances of x from its average.", [.x, .xx]) { sums, group in
      sums.spread(.xx, .x, .x, group).map { $0 / sums.number(group) } ?? .nan
    },
    pair("regr_syy", "The sum of the squared distances of y from its average.", [.y, .yy]) { sums, group in
      sums.spread(.yy, .y, .y, group).map { $0 / sums.number(group) } ?? .nan
    },
    pair(
      "regr_sxy", "The sum of the products of the distances of x and y from their averages.", [.x, .y, .xy]
    ) {
      sums, group in
      sums.spread(.xy, .x, .y, group).map { $0 / sums.number(group) } ?? .nan
    },
    pair(
      "regr_slope", "The slope of the least-squares line of y over x; null if x is constant.",
      [.x, .y, .xx, .xy]
    ) {
      sums, group in
      guard let xx = sums.spread(.xx, .x, .x, group), let xy = sums.spread(.xy, .x, .y, group) else {
        return .nan
      }
      return xx.isZero ? nil : xy / xx
    },
    pair("regr_intercept", "Where that line meets x = 0; null if x is constant.", [.x, .y, .xx, .xy]) {
      sums, group in
      guard let xx = sums.spread(.xx, .x, .x, group), let xy = sums.spread(.xy, .x, .y, group),
        let x = sums.sum(.x, group), let y = sums.sum(.y, group)
      else { return .nan }
      return xx.isZero ? nil : (y * xx - x * xy) / (sums.number(group) * xx)
    },
    pair(
      "regr_r2", "The square of the correlation coefficient; 1 if y is constant, null if x is.",
      [.x, .y, .xx, .yy, .xy]
    ) {
      sums, group in
      guard let (xx, yy, xy) = sums.spreads(group) else { return .nan }
      if xx.isZero { return nil }
      return yy.isZero ? 1 : (xy * xy) / (xx * yy)
    },
  ]

  private static func variance(
    _ name: String, _ help: String, isSample: Bool, isRoot: Bool
  ) -> AggregateFunction {
    function(name, "\(name)(number)", help, arguments: 1, [.x, .xx]) { sums, group in
      guard !isSample || sums.counts[group] > 1 else { return nil }
      guard sums.sum(.x, group) != nil else { return .nan }
      // Squares of numbers above 1.3e154 are infinite.
      guard let spread = sums.spread(.xx, .x, .x, group) else { return .infinity }
      let variance =
        spread / (sums.number(group) * ExactNumber(isSample ? sums.counts[group] - 1 : sums.counts[group]))
      return isRoot ? variance.squareRoot() : variance
    }
  }

  private static func pair(
    _ name: String, _ help: String, _ parts: MomentSums.Parts, _ result: @escaping Moments.Result
  ) -> AggregateFunction {
    function(name, "\(name)(y, x)", help, arguments: 2, parts, result)
  }

  private static func function(
    _ name: String, _ signature: String, _ help: String, arguments count: Int, _ parts: MomentSums.Parts,
    _ result: @escaping Moments.Result
  ) -> AggregateFunction {
    AggregateFunction(
      name, signature, help: help,
      resolve: {
        numbers($0, count).map { AggregateTypes(arguments: $0, result: .double, state: parts.stateTypes) }
      },
      makeState: { _ in Moments(parts, result) })
  }

  /// `count` doubles, if the arguments are so many numbers.
  @Sendable private static func numbers(_ arguments: [ColumnType], _ count: Int) -> [ColumnType]? {
    guard arguments.count == count, arguments.allSatisfy(\.isNumeric) else { return nil }
    return Array(repeating: .double, count: count)
  }
}

extension MomentSums {
  fileprivate func number(_ group: Int) -> ExactNumber { ExactNumber(counts[group]) }

  fileprivate mutating func spreads(_ group: Int) -> (xx: ExactNumber, yy: ExactNumber, xy: ExactNumber)? {
    guard let xx = spread(.xx, .x, .x, group), let yy = spread(.yy, .y, .y, group),
      let xy = spread(.xy, .x, .y, group)
    else { return nil }
    return (xx, yy, xy)
  }
}
