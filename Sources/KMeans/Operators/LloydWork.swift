import Basics
import Engine

/// One pass of Lloyd's iterations for each running start.
package struct SumsWork: MatrixWork {
  package static let operatorName = "kmeans.sums"
  package var starts: [Centroids]

  package init(starts: [Centroids]) { self.starts = starts }

  package init(from reader: inout ByteReader) throws(WireError) { starts = try reader.list() }

  package func encode(to writer: inout ByteWriter) { writer.list(starts) }

  package func run(
    _ matrix: PointMatrix, _ shard: ShardInput, _ task: any TaskContext
  ) throws -> WireList<ClusterSums> {
    for start in starts { try matrix.expect(start) }
    return WireList(try matrix.sums(starts, check: task.checkCancelled))
  }
}

/// The points of a shard that are farthest from their centroids, used to re-seed empty clusters.
package struct FarthestWork: MatrixWork {
  package static let operatorName = "kmeans.farthest"
  package var centroids: Centroids
  package var count: Int

  package init(centroids: Centroids, count: Int) {
    self.centroids = centroids
    self.count = count
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(centroids: try reader.value(), count: try reader.count())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(centroids)
    writer.count(count)
  }

  package func run(
    _ matrix: PointMatrix, _ shard: ShardInput, _ task: any TaskContext
  ) throws -> WireList<FarPoint> {
    try matrix.expect(centroids)
    return WireList(
      try matrix.farthest(centroids, count: count, firstRow: shard.firstRow, check: task.checkCancelled))
  }
}

extension ClusterSums: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(clusters: 0, dimensions: 0)
    sums = try reader.array()
    weights = try reader.array()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.array(sums)
    writer.array(weights)
  }
}

extension FarPoint: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      row: try reader.count(), distance: try reader.double(), cluster: try reader.count(),
      weight: try reader.double(), values: try reader.array())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(row)
    writer.double(distance)
    writer.count(cluster)
    writer.double(weight)
    writer.array(values)
  }
}
