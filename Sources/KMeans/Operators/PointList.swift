import Basics

/// Points of a shard that are sent to the driver.
package struct PointList: WireCodable, Sendable {
  /// Row indexes within all data, ascending.
  package var rows: [Int] = []
  /// Coordinates in row-major order.
  package var values: [Float] = []
  /// The float64 squared distance of each row to its nearest centroid, if measured.
  package var distances: [Double] = []

  package init() {}

  package mutating func append(_ row: Int, of matrix: PointMatrix, firstRow: Int, distance: Double = 0) {
    rows.append(firstRow + row)
    values += matrix.row(row)
    distances.append(distance)
  }

  package mutating func append(_ other: PointList) {
    rows += other.rows
    values += other.values
    distances += other.distances
  }

  /// - Returns: The point's values, or nil if the value count does not match.
  package func point(_ index: Int, dimensions: Int) -> ArraySlice<Float> {
    values[index * dimensions..<(index + 1) * dimensions]
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    rows = try reader.array()
    values = try reader.array()
    distances = try reader.array()
    guard distances.count == rows.count, rows.isEmpty ? values.isEmpty : values.count % rows.count == 0 else {
      throw .invalid("\(rows.count) points of \(values.count) values and \(distances.count) distances")
    }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.array(rows)
    writer.array(values)
    writer.array(distances)
  }
}

/// A list that can be sent over the wire.
package struct WireList<Item: WireCodable & Sendable>: WireCodable, Sendable {
  package var items: [Item]

  package init(_ items: [Item]) { self.items = items }

  package init(from reader: inout ByteReader) throws(WireError) { items = try reader.list() }

  package func encode(to writer: inout ByteWriter) { writer.list(items) }
}
