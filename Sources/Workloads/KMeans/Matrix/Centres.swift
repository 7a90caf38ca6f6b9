import CKernels
import Wire

/// k points in the space that is clustered, float64, row after row.
package struct Centres: Hashable, Sendable, WireCodable {
  package let count: Int
  package let dimensions: Int
  package var values: [Double]

  /// - Parameter values: `count` × `dimensions`.
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

  package func selecting(_ indexes: [Int]) -> Centres {
    Centres(indexes.map { Array(self[$0]) }, dimensions: dimensions)
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    count = try reader.count()
    dimensions = try reader.count()
    values = try reader.array()
    let (expected, overflow) = count.multipliedReportingOverflow(by: dimensions)
    guard !overflow, values.count == expected, count <= Int(Int32.max) else {
      throw .invalid("\(count) centres of \(dimensions) dimensions in \(values.count) values")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(count)
    writer.count(dimensions)
    writer.array(values)
  }
}

/// Centres in the form of the kernels. Has scratch memory of its own: one thread at a time.
final class PackedCentres {
  var set: swiftlet_centres
  private let values: UnsafeMutablePointer<Double>
  private let floats: UnsafeMutablePointer<Float>

  init(_ centres: Centres) {
    let group = Int(SWIFTLET_GROUP)
    let padded = (centres.count + group - 1) / group * group
    values = .allocate(capacity: max(1, centres.values.count))
    for (index, value) in centres.values.enumerated() { (values + index).initialize(to: value) }
    let capacity = padded * (centres.dimensions + 5)
    floats = .allocate(capacity: max(1, capacity))
    floats.initialize(repeating: 0, count: max(1, capacity))
    let norm = floats + padded * centres.dimensions
    set = swiftlet_centres(
      dimensions: Int64(centres.dimensions), clusters: Int64(centres.count), centres: values, packed: floats,
      norm: norm, slope: norm + padded, offset: norm + 2 * padded, scratch: norm + 3 * padded, precise: 0)
    swiftlet_kmeans_pack(&set)
  }

  deinit {
    values.deallocate()
    floats.deallocate()
  }
}
