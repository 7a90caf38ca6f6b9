/// k-means++ (Arthur, Vassilvitskii 2007) over weighted points in memory, with the greedy choice among a few candidates a
/// step that its authors' own code has.
package struct Seeding: Sendable {
  package var seed: UInt64
  package var stream: UInt64

  package init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// - Returns: Row numbers of at most `count` distinct points: fewer where there are no more.
  package func rows(
    of matrix: PointMatrix, weights: [Double]?, count: Int, check: () throws -> Void = {}
  ) rethrows -> [Int] {
    var draws: UInt64 = 0
    func draw() -> Double {
      draws += 1
      return CounterRandom.uniform(seed: seed, stream: stream, index: draws)
    }
    guard matrix.rows > 0, count > 0 else { return [] }
    let ones = weights ?? [Double](repeating: 1, count: matrix.rows)
    guard let first = Seeding.pick(ones, at: draw() * ones.reduce(0, +)) else { return [] }
    var chosen = [first]
    var nearest = Seeding.weighted(matrix.distances(to: matrix.row(first).map(Double.init)), weights)
    // 2 + ln k, without the platform's logarithm, whose last bit may differ between CPUs.
    let trials = 2 + (Int.bitWidth - count.leadingZeroBitCount) * 7 / 10
    while chosen.count < count {
      try check()
      let total = nearest.reduce(0, +)
      var best: (row: Int, total: Double, nearest: [Double])?
      for _ in 0..<trials {
        guard let row = Seeding.pick(nearest, at: draw() * total) else { continue }
        var trial = Seeding.weighted(matrix.distances(to: matrix.row(row).map(Double.init)), weights)
        var sum = 0.0
        for index in trial.indices {
          trial[index] = min(trial[index], nearest[index])
          sum += trial[index]
        }
        if sum < best?.total ?? .infinity { best = (row, sum, trial) }
      }
      guard let best else { break }
      chosen.append(best.row)
      nearest = best.nearest
    }
    return chosen
  }

  private static func weighted(_ distances: [Double], _ weights: [Double]?) -> [Double] {
    guard let weights else { return distances }
    return zip(distances, weights).map { $0 * $1 }
  }

  /// The first index at which the running sum passes `target`; never one with no mass, nil where there is none.
  static func pick(_ masses: [Double], at target: Double) -> Int? {
    var sum = 0.0
    var last: Int?
    for (index, mass) in masses.enumerated() where mass > 0 {
      sum += mass
      last = index
      if sum > target { return index }
    }
    return last
  }
}
