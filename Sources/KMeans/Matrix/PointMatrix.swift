import CKernels
import Synchronization

/// Points as float32 in row-major order.
///
/// `@unchecked Sendable`: the memory is written only in `init`, and `bounds` is protected by a lock.
package final class PointMatrix: @unchecked Sendable {
  package let rows: Int
  package let dimensions: Int
  let data: UnsafeMutablePointer<Float>
  /// Upper bounds on the norms of the points in each block.
  let radii: UnsafeMutablePointer<Float>
  /// Rounding grids that make sums of the points exact.
  let grid: UnsafeMutablePointer<Double>
  private let memory: UnsafeMutableRawPointer
  /// The bounds of the last pass; nil while a pass runs.
  let bounds = Mutex<PassBounds?>(nil)

  /// Number of points that the kernels process at once.
  static let block = Int(SWIFTLET_BLOCK)
  /// Number of floats in a kernel vector.
  static let lanes = 16

  /// Rounds a number of values up to whole vectors.
  static func lanes(_ values: Int) -> Int { (values + lanes - 1) / lanes * lanes }

  /// Allocates zeroed memory for `rows` × `dimensions` values in row-major order and lets `build` fill it.
  package init(
    rows: Int, dimensions: Int, _ build: (_ data: UnsafeMutablePointer<Float>) throws -> Void
  ) rethrows {
    self.rows = rows
    self.dimensions = dimensions
    let gridBytes = 2 * PointMatrix.lanes(dimensions) * MemoryLayout<Double>.stride
    // The last vector of the last row extends up to 15 values past it.
    let values = rows * dimensions + PointMatrix.lanes
    let floats = values + (rows + PointMatrix.block - 1) / PointMatrix.block
    memory = .allocate(byteCount: gridBytes + floats * MemoryLayout<Float>.stride, alignment: 64)
    grid = memory.bindMemory(to: Double.self, capacity: gridBytes / MemoryLayout<Double>.stride)
    data = (memory + gridBytes).bindMemory(to: Float.self, capacity: floats)
    data.initialize(repeating: 0, count: floats)
    radii = data + values
    // All properties are set, so deinit frees the memory if `build` throws.
    try build(data)
    swiftlet_kmeans_measure(data, Int64(rows), Int64(dimensions), radii, grid)
  }

  /// - Parameter points: Row-major, `dimensions` values per row.
  package convenience init(points: [Float], dimensions: Int) {
    let rows = dimensions == 0 ? 0 : points.count / dimensions
    self.init(rows: rows, dimensions: dimensions) { data in
      data.update(from: points, count: rows * dimensions)
    }
  }

  deinit { memory.deallocate() }

  package func row(_ index: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: data + index * dimensions, count: dimensions))
  }

  /// Memory in bytes.
  package var bytes: Int {
    rows * dimensions * MemoryLayout<Float>.stride + bounds.withLock { $0?.bytes ?? 0 }
  }

  /// |x|² of each point, as float64.
  package var squares: [Double] {
    distances(
      to: Centroids(
        count: 1, dimensions: dimensions, values: [Double](repeating: 0, count: dimensions)))
  }

  /// Σ|x|² over all points, as float64, added in point order.
  package var totalSquares: Double {
    var total = 0.0
    for distance in squares { total += distance }
    return total
  }
}
