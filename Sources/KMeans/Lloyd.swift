/// A set of centres on its way to a local optimum of the within-set sum of squares.
package struct Fit: Hashable, Sendable {
  package var centres: Centres
  /// Passes over the points that moved the centres.
  package var iterations = 0
  package var converged = false
  /// Sum of squares of the last pass, which is that of the centres before their last move.
  package var cost = Double.infinity

  package init(_ centres: Centres) { self.centres = centres }
}

/// Lloyd's iterations, for several starts in the same passes over the points.
package struct Lloyd: Sendable {
  package var maxIterations: Int
  /// Against the sum of the squared moves of all centres (scikit-learn's meaning, with the mean variance multiplied in). Centres that do
  /// not move at all have converged under any tolerance.
  package var shiftTolerance: Double
  /// A start whose cost is more than 1 % over that of the best after this many passes is given up.
  package var passesBeforeRace = 5

  package init(maxIterations: Int, shiftTolerance: Double) {
    self.maxIterations = maxIterations
    self.shiftTolerance = shiftTolerance
  }

  /// - Parameters:
  ///   - race: Whether starts compete. They do not where they have different numbers of clusters.
  ///   - progress: Called after each pass.
  /// - Returns: A fit a start that was not given up, in the order of the starts.
  package func run(
    _ starts: [Centres], on points: some PointSource, race: Bool = true,
    progress: (_ pass: Int, _ fits: [Fit]) throws -> Void = { _, _ in }
  ) throws -> [Fit] {
    var fits = starts.map(Fit.init)
    var pass = 0
    while pass < maxIterations {
      let active = fits.indices.filter { !fits[$0].converged }
      if active.isEmpty { break }
      pass += 1
      let sums = try points.sums(active.map { fits[$0].centres }, isFirst: pass == 1)
      for (index, sums) in zip(active, sums) { try move(&fits[index], by: sums, points) }
      if race, pass >= passesBeforeRace, let best = fits.map(\.cost).min() {
        fits.removeAll { $0.cost > best * 1.01 }
      }
      try progress(pass, fits)
    }
    return fits
  }

  private func move(_ fit: inout Fit, by sums: ClusterSums, _ points: some PointSource) throws {
    var sums = sums
    fit.cost = Lloyd.cost(of: fit.centres, sums, totalSquares: points.totalSquares)
    let empty = sums.weights.indices.filter { sums.weights[$0] <= 0 }
    if !empty.isEmpty {
      let far = try points.farthest(fit.centres, count: empty.count)
      Lloyd.reseed(empty, from: far, &sums, dimensions: points.dimensions)
    }
    let d = points.dimensions
    var shift = 0.0
    for cluster in 0..<fit.centres.count where sums.weights[cluster] > 0 {
      for index in cluster * d..<(cluster + 1) * d {
        let moved = sums.sums[index] / sums.weights[cluster]
        let step = moved - fit.centres.values[index]
        shift += step * step
        fit.centres.values[index] = moved
      }
    }
    fit.iterations += 1
    fit.converged = shift <= shiftTolerance
  }

  /// Each empty cluster takes one of the farthest points away from the cluster that had it (as scikit-learn does). Where no point
  /// is off its centre, there are fewer distinct points than clusters and the empty ones stay so.
  static func reseed(_ empty: [Int], from far: [FarPoint], _ sums: inout ClusterSums, dimensions d: Int) {
    var rest = empty[...]
    for point in far {
      // Taking its only point would leave that cluster empty instead.
      guard let cluster = rest.first, sums.weights[point.cluster] > point.weight else { continue }
      rest = rest.dropFirst()
      for (column, value) in point.values.enumerated() {
        sums.sums[cluster * d + column] = point.weight * Double(value)
        sums.sums[point.cluster * d + column] -= point.weight * Double(value)
      }
      sums.weights[cluster] = point.weight
      sums.weights[point.cluster] -= point.weight
    }
  }

  /// Σ|x − c|² = Σ|x|² − 2 Σ c·S + Σ w|c|², exact enough to follow and compare.
  static func cost(of centres: Centres, _ sums: ClusterSums, totalSquares: Double) -> Double {
    var cost = totalSquares
    for cluster in 0..<centres.count {
      var product = 0.0
      var square = 0.0
      for index in cluster * centres.dimensions..<(cluster + 1) * centres.dimensions {
        product += centres.values[index] * sums.sums[index]
        square += centres.values[index] * centres.values[index]
      }
      cost += sums.weights[cluster] * square - 2 * product
    }
    return max(0, cost)
  }
}
