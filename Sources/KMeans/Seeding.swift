/// k-means++ (Arthur, Vassilvitskii 2007) over weighted points in memory, with a greedy choice among a few candidates per step,
/// as in the authors' code.
package struct Seeding: Sendable {
  package var seed: UInt64
  package var stream: UInt64

  package init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// - Returns: Row indexes of at most `count` distinct points.
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
    var nearest = Seeding.distances(of: matrix, to: [first], weights)
    // 2 + ln k, computed without the platform's logarithm, whose last bit may differ between CPUs.
    let trials = 2 + (Int.bitWidth - count.leadingZeroBitCount) * 7 / 10
    while chosen.count < count {
      try check()
      let total = nearest.reduce(0, +)
      let candidates = (0..<trials).compactMap { _ in Seeding.pick(nearest, at: draw() * total) }
      // For each candidate, the distances if it were chosen.
      var masses = Seeding.distances(of: matrix, to: candidates, weights)
      var best: (candidate: Int, total: Double)?
      for candidate in candidates.indices {
        var sum = 0.0
        for row in 0..<matrix.rows {
          let mass = min(masses[candidate * matrix.rows + row], nearest[row])
          masses[candidate * matrix.rows + row] = mass
          sum += mass
        }
        if sum < best?.total ?? .infinity { best = (candidate, sum) }
      }
      guard let best else { break }
      chosen.append(candidates[best.candidate])
      nearest = Array(masses[best.candidate * matrix.rows..<(best.candidate + 1) * matrix.rows])
    }
    return chosen
  }

  /// Weighted squared distances from all points to the given rows, grouped by row.
  private static func distances(of matrix: PointMatrix, to rows: [Int], _ weights: [Double]?) -> [Double] {
    var distances = matrix.distances(
      to: Centroids(rows.map { matrix.row($0).map(Double.init) }, dimensions: matrix.dimensions))
    guard let weights else { return distances }
    for index in distances.indices { distances[index] *= weights[index % matrix.rows] }
    return distances
  }

  /// Returns the first index at which the running sum exceeds `target`. Never returns an index with mass zero; returns nil if
  /// all masses are zero.
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
