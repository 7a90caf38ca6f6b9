/// A set of centroids converging to a local optimum of the within-set sum of squares.
package struct Fit: Hashable, Sendable {
  package var centroids: Centroids
  /// Number of passes that moved the centroids.
  package var iterations = 0
  package var converged = false
  /// Sum of squares in the last pass, which is that of the centroids before their last move.
  package var cost = Double.infinity

  package init(_ centroids: Centroids) { self.centroids = centroids }
}

/// Lloyd's algorithm, run for several starts in the same passes over the points.
package struct Lloyd: Sendable {
  package var maxIterations: Int
  /// Threshold for the sum of the squared moves of all centroids (as in scikit-learn, multiplied by the mean variance).
  /// Centroids that do not move have converged under any tolerance.
  package var shiftTolerance: Double
  /// After this many passes, starts whose cost is more than 1 % above the best are dropped.
  package var passesBeforeRace = 5

  package init(maxIterations: Int, shiftTolerance: Double) {
    self.maxIterations = maxIterations
    self.shiftTolerance = shiftTolerance
  }

  /// - Parameters:
  ///   - race: Whether starts compete. Pass false if their numbers of clusters differ.
  ///   - progress: Called after each pass.
  /// - Returns: One fit per remaining start, in order.
  package func run(
    _ starts: [Centroids], on points: some PointSource, race: Bool = true,
    progress: (_ pass: Int, _ fits: [Fit]) throws -> Void = { _, _ in }
  ) throws -> [Fit] {
    var fits = starts.map(Fit.init)
    var pass = 0
    while pass < maxIterations {
      let active = fits.indices.filter { !fits[$0].converged }
      if active.isEmpty { break }
      pass += 1
      let sums = try points.sums(active.map { fits[$0].centroids }, isFirst: pass == 1)
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
    fit.cost = Lloyd.cost(of: fit.centroids, sums, totalSquares: points.totalSquares)
    let empty = sums.weights.indices.filter { sums.weights[$0] <= 0 }
    if !empty.isEmpty {
      let far = try points.farthest(fit.centroids, count: empty.count)
      Lloyd.reseed(empty, from: far, &sums, dimensions: points.dimensions)
    }
    let d = points.dimensions
    var shift = 0.0
    for cluster in 0..<fit.centroids.count where sums.weights[cluster] > 0 {
      for index in cluster * d..<(cluster + 1) * d {
        let moved = sums.sums[index] / sums.weights[cluster]
        let step = moved - fit.centroids.values[index]
        shift += step * step
        fit.centroids.values[index] = moved
      }
    }
    fit.iterations += 1
    fit.converged = shift <= shiftTolerance
  }

  /// Moves each empty cluster to one of the points farthest from their centroids (as in scikit-learn). If every point coincides
  /// with its centroid, there are fewer distinct points than clusters, and the clusters stay empty.
  static func reseed(_ empty: [Int], from far: [FarPoint], _ sums: inout ClusterSums, dimensions d: Int) {
    var rest = empty[...]
    for point in far {
      // Taking a cluster's only point would leave that cluster empty instead.
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

  /// Σ|x − c|² = Σ|x|² − 2 Σ c·S + Σ w|c|², accurate enough to track progress and compare starts.
  static func cost(of centroids: Centroids, _ sums: ClusterSums, totalSquares: Double) -> Double {
    var cost = totalSquares
    for cluster in 0..<centroids.count {
      var product = 0.0
      var square = 0.0
      for index in cluster * centroids.dimensions..<(cluster + 1) * centroids.dimensions {
        product += centroids.values[index] * sums.sums[index]
        square += centroids.values[index] * centroids.values[index]
      }
      cost += sums.weights[cluster] * square - 2 * product
    }
    return max(0, cost)
  }
}
