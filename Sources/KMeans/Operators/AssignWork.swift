import Basics
import Columns
import Engine
import Formats
import Storage
import Wire

/// Writes the segments of a shard's rows to one Parquet file.
package struct AssignWork: MatrixWork {
  package static let operatorName = "kmeans.assign"
  /// In segment order.
  package var centroids: Centroids
  /// See ``Transform/unit``.
  package var unit: Double
  package var idColumn: String
  package var staging: StagingArea

  package init(centroids: Centroids, unit: Double, idColumn: String, staging: StagingArea) {
    self.centroids = centroids
    self.unit = unit
    self.idColumn = idColumn
    self.staging = staging
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      centroids: try reader.value(), unit: try reader.double(), idColumn: try reader.string(),
      staging: try reader.value())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(centroids)
    writer.double(unit)
    writer.string(idColumn)
    writer.value(staging)
  }

  /// The columns of the output.
  static func fields(idColumn: String) -> [ColumnField] {
    [ColumnField(idColumn, .string), ColumnField("segment", .int32), ColumnField("distance", .double)]
  }

  package func run(
    _ matrix: PointMatrix, _ shard: ShardInput, _ task: any TaskContext
  ) throws -> StagedFile {
    try matrix.expect(centroids)
    let ids = try identifiers(shard)
    let (labels, distances) = try matrix.nearest(centroids, check: task.checkCancelled)
    let batch = ColumnBatch(
      fields: AssignWork.fields(idColumn: idColumn),
      columns: [
        Column(.bytes(ids)), Column(.int32(labels)),
        Column(.double(distances.map { $0.squareRoot() * unit })),
      ],
      rows: matrix.rows)
    let name = "part-\(PlainText.zeroPadded(task.attempt.task.partition, 5)).parquet"
    return try staging.create(name: name, attempt: task.attempt.description).file { sink in
      let writer = try ParquetWriter(sink: sink, fields: batch.fields)
      try writer.write(batch)
      _ = try writer.finish()
      return matrix.rows
    }
  }

  /// The id column as text. A null is an error, because the row could not be identified.
  private func identifiers(_ shard: ShardInput) throws -> StringColumn {
    let column = try shard.read([idColumn], settings: staging.settings).columns[0]
    if let row = column.validity?.firstIndex(of: false) {
      throw TaskFailure.badInput(
        location:
          "\(shard.object.uri), row \(shard.firstRowOfFile + row) (counted from 0), column '\(idColumn)'",
        message: "is null; every row needs an id")
    }
    switch column.values {
    case .bytes(let ids):
      guard ids.isUTF8(from: 0) else {
        throw TaskFailure.badInput(
          location: "\(shard.object.uri), column '\(idColumn)'", message: "holds bytes that are not UTF-8")
      }
      return ids
    case .int32(let ids): return AssignWork.decimals(ids)
    case .int64(let ids): return AssignWork.decimals(ids)
    case .int128(let ids): return AssignWork.decimals(ids)
    default: throw TaskFailure.fatal("column '\(idColumn)' is not an id column")
    }
  }

  private static func decimals(_ ids: [some BinaryInteger & CustomStringConvertible]) -> StringColumn {
    var column = StringColumn()
    for id in ids { column.append(id.description) }
    return column
  }
}
