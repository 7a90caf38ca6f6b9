import Basics
import CKernels

/// k points in the clustered space, as float64 in row-major order.
package struct Centroids: Hashable, Sendable, WireCodable {
  package let count: Int
  package let dimensions: Int
  package var values: [Double]

  /// - Parameter values: `count` × `dimensions` values in row-major order.
  package init(count: Int, dimensions: Int, values: [Double]) {
    precondition(values.count == count * dimensions)
    self.count = count
    self.dimensions = dimensions
    self.values = values
  }

  package init(_ rows: [[Double]], dimensions: Int) {
    self.init(count: rows.count, dimensions: dimensions, values: rows.flatMap { $0 })
  }

  package subscript(index: Int) -> ArraySlice<Double> {
    values[index * dimensions..<(index + 1) * dimensions]
  }

  package var rows: [[Double]] { (0..<count).map { Array(self[$0]) } }

  package func selecting(_ indexes: [Int]) -> Centroids {
    Centroids(indexes.map { Array(self[$0]) }, dimensions: dimensions)
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    count = try reader.count()
    dimensions = try reader.count()
    values = try reader.array()
    let (expected, overflow) = count.multipliedReportingOverflow(by: dimensions)
    guard !overflow, values.count == expected, count <= Int(Int32.max) else {
      throw .invalid("\(count) centroids of \(dimensions) dimensions in \(values.count) values")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(count)
    writer.count(dimensions)
    writer.array(values)
  }
}

/// Centroids in the kernels' layout, with scratch memory. Must be used by one thread at a time.
final class PackedCentroids {
  var set: swiftlet_centroids
  private let values: UnsafeMutablePointer<Double>
  private let memory: UnsafeMutableRawPointer

  /// Number of floats in a transposed block of points.
  static func tileFloats(_ dimensions: Int) -> Int { PointMatrix.lanes(dimensions) * PointMatrix.block }

  init(_ centroids: Centroids) {
    let group = Int(SWIFTLET_GROUP)
    let padded = (centroids.count + group - 1) / group * group
    values = .allocate(capacity: max(1, centroids.values.count))
    for (index, value) in centroids.values.enumerated() { (values + index).initialize(to: value) }
    let wide = PointMatrix.lanes(centroids.count)
    let tileFloats = PackedCentroids.tileFloats(centroids.dimensions)
    let capacity = tileFloats + 3 * wide + padded * (centroids.dimensions + 2)
    memory = .allocate(byteCount: max(1, capacity) * MemoryLayout<Float>.stride, alignment: 64)
    let tile = memory.bindMemory(to: Float.self, capacity: max(1, capacity))
    tile.initialize(repeating: 0, count: capacity)
    let norm = tile + tileFloats
    let packed = norm + 3 * wide
    set = swiftlet_centroids(
      dimensions: Int64(centroids.dimensions), clusters: Int64(centroids.count), centroids: values,
      packed: packed,
      norm: norm, slope: norm + wide, offset: norm + 2 * wide,
      scratch: packed + padded * centroids.dimensions,
      tile: tile, precise: 0)
    swiftlet_kmeans_pack(&set)
  }

  deinit {
    values.deallocate()
    memory.deallocate()
  }
}
