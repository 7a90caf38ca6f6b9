/// Finds good initial centroids in the driver's memory, from a uniform sample of the points (or all points, if there are few)
/// and the weighted candidates that k-means‖ chose from all points.
package struct StartSearch {
  package var sample: LocalPoints
  /// Whether `sample` contains all points.
  package var isWhole: Bool
  package var candidates: LocalPoints
  package var seed: UInt64
  /// Number of starts to try; nil for 32, or fewer if they would take more than about a second.
  package var restarts: Int?
  package var maxIterations: Int
  package var shiftTolerance: Double
  package var check: () throws -> Void = {}

  /// The maximum number of starts that run over all data.
  package static let finalists = 3
  /// Number of passes after which starts are compared, and how many starts then continue.
  static let heatPasses = 6
  static let promoted = 8

  /// - Returns: At most `limit` starts, best first. Each has `clusters` centroids; some are equal if there are fewer distinct
  ///   points.
  package func starts(clusters: Int, limit: Int = finalists) throws -> [Centroids] {
    let parallel = try parallelStart(clusters)
    let lloyd = Lloyd(maxIterations: maxIterations, shiftTolerance: shiftTolerance)
    // A few passes reveal the hopeless starts; the better ones run until they converge.
    let heat = Lloyd(
      maxIterations: min(maxIterations, StartSearch.heatPasses), shiftTolerance: shiftTolerance)
    var fits: [Fit] = []
    for restart in 0..<max(1, restarts ?? affordable(clusters)) {
      try check()
      let start =
        restart == 0
        ? parallel
        : try plusPlus(clusters, stream: RandomStream.seeding(clusters: clusters, restart: restart))
      fits += try heat.run([start], on: sample)
    }
    fits = try StartSearch.ranked(fits).prefix(max(StartSearch.promoted, limit)).flatMap {
      try lloyd.run([$0.centroids], on: sample)
    }
    var distinct: [Fit] = []
    for fit in StartSearch.ranked(fits) where distinct.count < limit {
      // The same local optimum reached from another start differs only by rounding errors.
      if let last = distinct.last, fit.cost - last.cost <= 1e-6 * last.cost { continue }
      distinct.append(fit)
    }
    // If the sample is all points, the lowest cost is best. Otherwise it can miss rare points that k-means‖ has seen.
    if isWhole || limit == 1 { return Array(distinct.prefix(1).map(\.centroids)) }
    return distinct.prefix(limit - 1).map(\.centroids) + [parallel]
  }

  /// Sorts by cost, lowest first; ties stay in the order tried.
  private static func ranked(_ fits: [Fit]) -> [Fit] {
    fits.indices.sorted { (fits[$0].cost, $0) < (fits[$1].cost, $1) }.map { fits[$0] }
  }

  /// The second half of k-means‖: clusters the weighted candidates.
  private func parallelStart(_ clusters: Int) throws -> Centroids {
    let seeding = Seeding(seed: seed, stream: RandomStream.seeding(clusters: clusters, restart: 0))
    let rows = try seeding.rows(
      of: candidates.matrix, weights: candidates.weights, count: clusters, check: check)
    guard rows.count == clusters else {
      // Fewer distinct candidates than clusters: there are few points, or they are very similar.
      return try plusPlus(clusters, stream: seeding.stream)
    }
    let start = Centroids(
      rows.map { candidates.matrix.row($0).map(Double.init) }, dimensions: sample.dimensions)
    let lloyd = Lloyd(maxIterations: maxIterations, shiftTolerance: shiftTolerance)
    return try lloyd.run([start], on: candidates)[0].centroids
  }

  private func plusPlus(_ clusters: Int, stream: UInt64) throws -> Centroids {
    let seeding = Seeding(seed: seed, stream: stream)
    var rows = try seeding.rows(of: sample.matrix, weights: nil, count: clusters, check: check)
    // There are no more distinct points. The remaining centroids are duplicates; their clusters stay empty because the lowest
    // index wins, so the iterations can re-seed them.
    while rows.count < clusters { rows.append(rows[0]) }
    return Centroids(rows.map { sample.matrix.row($0).map(Double.init) }, dimensions: sample.dimensions)
  }

  private func affordable(_ clusters: Int) -> Int {
    // About 20 passes per start; 5 × 10⁹ products take about a second.
    let work = Double(sample.matrix.rows) * Double(sample.dimensions) * Double(clusters) * 20
    return Int(max(4, min(32, 5e9 / max(1, work))))
  }
}
