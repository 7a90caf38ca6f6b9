import Basics
import Engine

/// The quality of a set of centroids, measured exactly in one pass.
package struct Evaluation: Hashable, Sendable, WireCodable {
  package var sizes: [Int]
  /// Within-set sum of squares, float64, in the transformed space.
  package var cost: Double
  /// Σ over points of (b − a) / max(a, b), where a and b are the distances to the nearest and second nearest *centroid*: the simplified
  /// silhouette (Hruschka et al. 2004), which needs no distances between points.
  package var silhouetteSum: Double

  package init(clusters: Int) {
    sizes = [Int](repeating: 0, count: clusters)
    cost = 0
    silhouetteSum = 0
  }

  package init(_ matrix: PointMatrix, _ centroids: Centroids, check: () throws -> Void = {}) rethrows {
    self.init(clusters: centroids.count)
    var sizes = sizes
    var cost = 0.0
    var silhouettes = 0.0
    try matrix.forEachNearestTwo(centroids, check: check) { _, label, first, second in
      sizes[label] += 1
      cost += first
      // With one centroid `second` is infinite and the mean is not used.
      if second > first, second.isFinite { silhouettes += 1 - (first / second).squareRoot() }
    }
    self.sizes = sizes
    self.cost = cost
    silhouetteSum = silhouettes
  }

  package static func += (a: inout Evaluation, b: Evaluation) {
    for index in a.sizes.indices { a.sizes[index] += b.sizes[index] }
    a.cost += b.cost
    a.silhouetteSum += b.silhouetteSum
  }

  /// nil for one cluster.
  package var silhouette: Double? {
    let points = sizes.reduce(0, +)
    return sizes.count > 1 && points > 0 ? silhouetteSum / Double(points) : nil
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    sizes = try reader.array()
    cost = try reader.double()
    silhouetteSum = try reader.double()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.array(sizes)
    writer.double(cost)
    writer.double(silhouetteSum)
  }
}

package struct EvaluateWork: MatrixWork {
  package static let operatorName = "kmeans.evaluate"
  package var models: [Centroids]

  package init(models: [Centroids]) { self.models = models }

  package init(from reader: inout ByteReader) throws(WireError) { models = try reader.list() }

  package func encode(to writer: inout ByteWriter) { writer.list(models) }

  package func run(
    _ matrix: PointMatrix, _ shard: ShardInput, _ task: any TaskContext
  ) throws -> WireList<Evaluation> {
    WireList(
      try models.map {
        try matrix.expect($0)
        return try Evaluation(matrix, $0, check: task.checkCancelled)
      })
  }
}
