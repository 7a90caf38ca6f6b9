/// A point far from its centroid.
package struct FarPoint: Hashable, Sendable {
  /// Its row index within all data.
  package var row: Int
  /// The squared distance, as float64.
  package var distance: Double
  package var cluster: Int
  package var weight: Double
  package var values: [Float]

  /// Orders by distance, farthest first, then by row.
  package static func precedes(_ a: FarPoint, _ b: FarPoint) -> Bool {
    (b.distance, a.row) < (a.distance, b.row)
  }
}

/// Points for Lloyd's algorithm: in local memory or in the caches of workers.
package protocol PointSource {
  var dimensions: Int { get }
  /// Σ of weight × |x|² over all points.
  var totalSquares: Double { get }

  /// Returns the sums of one pass for each set of centroids.
  /// - Parameter isFirst: Whether the centroids are unrelated to those of the previous pass.
  func sums(_ starts: [Centroids], isFirst: Bool) throws -> [ClusterSums]

  /// Returns the `count` points farthest from their nearest centroid, farthest first.
  func farthest(_ centroids: Centroids, count: Int) throws -> [FarPoint]
}

/// Points in memory, either each with its own weight or all with weight 1.
package struct LocalPoints: PointSource {
  package let matrix: PointMatrix
  package let weights: [Double]?
  package let totalSquares: Double
  private let check: () throws -> Void

  package init(_ matrix: PointMatrix, weights: [Double]? = nil, check: @escaping () throws -> Void = {}) {
    self.matrix = matrix
    self.weights = weights
    self.check = check
    if let weights {
      totalSquares = zip(matrix.squares, weights).reduce(0) { $0 + $1.0 * $1.1 }
    } else {
      totalSquares = matrix.totalSquares
    }
  }

  package var dimensions: Int { matrix.dimensions }

  package func sums(_ starts: [Centroids], isFirst: Bool) throws -> [ClusterSums] {
    if isFirst { matrix.dropBounds() }
    guard let weights else { return try matrix.sums(starts, check: check) }
    return try starts.map { centroids in
      var result = ClusterSums(clusters: centroids.count, dimensions: dimensions)
      for (row, label) in try matrix.nearest(centroids, check: check).labels.enumerated() {
        let start = Int(label) * dimensions
        result.weights[Int(label)] += weights[row]
        for (column, value) in matrix.row(row).enumerated() {
          result.sums[start + column] += weights[row] * Double(value)
        }
      }
      return result
    }
  }

  package func farthest(_ centroids: Centroids, count: Int) throws -> [FarPoint] {
    try matrix.farthest(centroids, count: count, firstRow: 0, weights: weights, check: check)
  }
}

extension PointMatrix {
  /// Returns the `count` farthest points with a distance above 0; `firstRow` is added to their row indexes.
  package func farthest(
    _ centroids: Centroids, count: Int, firstRow: Int, weights: [Double]? = nil, check: () throws -> Void = {}
  ) rethrows -> [FarPoint] {
    let (labels, distances) = try nearest(centroids, check: check)
    let order = distances.indices.filter { distances[$0] > 0 }
      .sorted { (distances[$1], $0) < (distances[$0], $1) }
    return order.prefix(count).map {
      FarPoint(
        row: firstRow + $0, distance: distances[$0], cluster: Int(labels[$0]), weight: weights?[$0] ?? 1,
        values: row($0))
    }
  }
}
