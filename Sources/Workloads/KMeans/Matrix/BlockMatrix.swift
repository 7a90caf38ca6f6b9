import CKernels
import Synchronization

/// Points as float32 in the layout of the kernels: blocks of 64 points, each a structure of arrays.
///
/// `@unchecked Sendable` is right because the memory is written inside `init` alone, and `bounds` are behind a lock.
package final class BlockMatrix: @unchecked Sendable {
  package let rows: Int
  package let dimensions: Int
  let data: UnsafeMutablePointer<Float>
  let radii: UnsafeMutablePointer<Float>
  private let memory: UnsafeMutableRawPointer
  /// Of the last pass that left any; nil while one is at work.
  let bounds = Mutex<PassBounds?>(nil)

  /// Points a block.
  package static let block = Int(SWIFTLET_BLOCK)

  /// Reserves zeroed memory for `rows` × `dimensions` values and lets `build` write each at `offset(row:column:)`.
  package init(
    rows: Int, dimensions: Int, _ build: (_ data: UnsafeMutablePointer<Float>) throws -> Void
  ) rethrows {
    self.rows = rows
    self.dimensions = dimensions
    let blocks = (rows + BlockMatrix.block - 1) / BlockMatrix.block
    let values = blocks * dimensions * BlockMatrix.block
    memory = .allocate(byteCount: max(1, values + blocks) * MemoryLayout<Float>.stride, alignment: 64)
    data = memory.bindMemory(to: Float.self, capacity: values + blocks)
    data.initialize(repeating: 0, count: values + blocks)
    radii = data + values
    // All properties are set: where `build` throws, deinit frees the memory.
    try build(data)
    swiftlet_kmeans_radii(data, Int64(rows), Int64(dimensions), radii)
  }

  /// - Parameter points: Row after row, `dimensions` values each.
  package convenience init(points: [Float], dimensions: Int) {
    let rows = dimensions == 0 ? 0 : points.count / dimensions
    self.init(rows: rows, dimensions: dimensions) { data in
      for row in 0..<rows {
        let start = BlockMatrix.offset(row: row, dimensions: dimensions)
        for column in 0..<dimensions {
          data[start + column * BlockMatrix.block] = points[row * dimensions + column]
        }
      }
    }
  }

  deinit { memory.deallocate() }

  /// Where the first value of a row lies; the next columns follow at a stride of `block`.
  @inline(__always)
  package static func offset(row: Int, dimensions: Int) -> Int {
    (row / block) * dimensions * block + row % block
  }

  package func row(_ index: Int) -> [Float] {
    let start = BlockMatrix.offset(row: index, dimensions: dimensions)
    return (0..<dimensions).map { data[start + $0 * BlockMatrix.block] }
  }

  /// Of memory.
  package var bytes: Int {
    rows * dimensions * MemoryLayout<Float>.stride + bounds.withLock { $0?.bytes ?? 0 }
  }

  /// Σ over all points of |x|², float64, in the order of the points.
  package var totalSquares: Double {
    var total = 0.0
    for distance in distances(to: [Double](repeating: 0, count: dimensions)) { total += distance }
    return total
  }
}
