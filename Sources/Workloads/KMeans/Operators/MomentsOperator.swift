import Engine
import Wire

/// Reads a shard, keeps it for the stages to come, and sums its columns up.
package struct MomentsOperator: Operator {
  package static let name = "kmeans.moments"

  /// What a task finds: moments, or the first value that cannot be used. A fault is a result and no failure, so that
  /// the driver can name the first one in the order of the files.
  package struct Result: WireCodable {
    package var moments: Moments
    package var fault: ValueFault?

    package init(moments: Moments, fault: ValueFault?) {
      self.moments = moments
      self.fault = fault
    }

    package init(from reader: inout ByteReader) throws(WireError) {
      moments = try reader.value()
      fault = try reader.optional()
    }

    package func encode(to writer: inout ByteWriter) {
      writer.value(moments)
      writer.optional(fault)
    }
  }

  private let columns: [String]
  private let fill: Double?

  package init(parameters: [UInt8]) throws {
    var reader = ByteReader(parameters)
    (columns, fill) = try MatrixSource.decodeColumns(from: &reader)
    try reader.expectEnd()
  }

  package static func parameters(columns: [String], fill: Double?) -> [UInt8] {
    var writer = ByteWriter()
    MatrixSource.encode(columns, fill, to: &writer)
    return writer.bytes
  }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    try namingFailures {
      let shard = try ShardInput(decoding: task.input)
      let raw = try Shard.cached(task, shard, columns: columns.count).raw {
        try RawColumns(shard, columns: columns, fill: fill)
      }
      try task.checkCancelled()
      let moments = raw.fault == nil ? Moments(columns: raw.columns) : Moments(dimensions: columns.count)
      task.progress(rows: shard.rows, bytes: raw.bytes)
      var metrics = TaskMetrics()
      metrics.rowsRead = shard.rows
      metrics.bytesRead = raw.bytes
      return TaskOutput(result: Result(moments: moments, fault: raw.fault).encoded, metrics: metrics)
    }
  }
}
