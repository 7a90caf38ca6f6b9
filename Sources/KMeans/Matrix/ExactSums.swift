import CKernels

/// Exact sums of the points in each cluster, so that points can be subtracted again. The matrix must outlive it.
final class ExactSums {
  let clusters: Int
  let dimensions: Int
  var sums: swiftlet_sums
  private let memory: UnsafeMutableRawPointer

  init(clusters: Int, of matrix: PointMatrix) {
    self.clusters = clusters
    dimensions = matrix.dimensions
    let lanes = PointMatrix.lanes(dimensions)
    let count = clusters * lanes
    memory = .allocate(
      byteCount: 2 * count * MemoryLayout<Double>.stride + clusters * MemoryLayout<Int64>.stride,
      alignment: 64)
    let values = memory.bindMemory(to: Double.self, capacity: 2 * count)
    values.initialize(repeating: 0, count: 2 * count)
    let counts = (memory + 2 * count * MemoryLayout<Double>.stride).bindMemory(
      to: Int64.self, capacity: clusters)
    counts.initialize(repeating: 0, count: clusters)
    sums = swiftlet_sums(
      lanes: Int64(lanes), grid: matrix.grid, high: values, low: values + count, counts: counts)
  }

  deinit { memory.deallocate() }

  /// Memory in bytes.
  var bytes: Int { clusters * (2 * Int(sums.lanes) + 1) * MemoryLayout<Double>.stride }

  /// The sums, each rounded once.
  var rounded: ClusterSums {
    var result = ClusterSums(clusters: clusters, dimensions: dimensions)
    for cluster in 0..<clusters {
      result.weights[cluster] = Double(sums.counts[cluster])
      for column in 0..<dimensions {
        let index = cluster * Int(sums.lanes) + column
        result.sums[cluster * dimensions + column] = sums.high[index] + sums.low[index]
      }
    }
    return result
  }
}
