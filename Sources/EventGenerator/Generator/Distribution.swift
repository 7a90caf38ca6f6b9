/// Tables of equally likely slots for the generator's distributions.
enum Distribution {
  /// The midpoints of `count` equal slots of (0, 1).
  private static func middles(_ count: Int) -> [Double] {
    (0..<count).map { (Double($0) + 0.5) / Double(count) }
  }

  /// Each index as often as its weight requires, to the nearest slot; a weight of 0 gets none.
  static func slots(_ weights: [Double], count: Int) -> [UInt8] {
    let total = weights.reduce(0, +)
    var result: [UInt8] = []
    var sum = 0.0
    for (index, weight) in weights.enumerated() {
      sum += weight
      let end = Int((sum / total * Double(count)).rounded())
      while result.count < end { result.append(UInt8(index)) }
    }
    return result
  }

  /// Median 1.
  static func logNormal(sigma: Double, count: Int) -> [Double] {
    middles(count).map { TableMath.exp(sigma * TableMath.normalQuantile($0)) }
  }

  /// Pareto with minimum 1, cut at `limit`.
  static func pareto(exponent: Double, limit: Double, count: Int) -> [Double] {
    middles(count).map { min(limit, TableMath.power(1 - $0, -1 / exponent)) }
  }

  /// Ranks from 0, rank r with weight 1 / (r + 1)^exponent.
  static func zipf(_ ranks: Int, exponent: Double, count: Int) -> [UInt16] {
    let weights = (1...ranks).map { TableMath.power(Double($0), -exponent) }
    let total = weights.reduce(0, +)
    var rank = 0
    var sum = weights[0]
    return middles(count).map { p in
      while p * total > sum, rank < ranks - 1 {
        rank += 1
        sum += weights[rank]
      }
      return UInt16(rank)
    }
  }

  /// The edges of equally likely parts of the day, in ms; uniform within an hour.
  static func timeOfDay(hours: [Double], parts: Int) -> [UInt32] {
    let total = hours.reduce(0, +)
    var hour = 0
    var before = 0.0
    return (0...parts).map { part in
      if part == parts { return 86_400_000 }
      let target = Double(part) / Double(parts) * total
      while hour < 23, target >= before + hours[hour] {
        before += hours[hour]
        hour += 1
      }
      return UInt32((Double(hour) + (target - before) / hours[hour]) * 3_600_000)
    }
  }

  /// The mean time per event of a habit, in ms, from the stationary distribution of its chain.
  static func meanDwell(_ habit: Habit) -> Double {
    let rows = SiteChain.transitions.map { row in
      let weights = zip(row, habit.attraction).map { $0 * $1 }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
    var shares = [Double](repeating: 1 / Double(Action.count), count: Action.count)
    for _ in 0..<100 {
      shares = (0..<Action.count).map { column in
        (0..<Action.count).reduce(0.0) { $0 + shares[$1] * rows[$1][column] }
      }
    }
    let median = zip(Action.allCases, shares).reduce(0.0) { (sum: Double, pair: (Action, Double)) in
      sum + pair.0.medianDwell * pair.1
    }
    let sigma = habit.dwell.sigma
    return median * habit.dwell.factor * TableMath.exp(sigma * sigma / 2)
  }
}
