import Basics
import Engine
import Wire

/// Reads a shard, caches it for later stages, and computes the moments of its columns.
package struct MomentsOperator: Operator {
  package static let name = "kmeans.moments"

  /// The result: moments, or the first unusable value. A fault is a result, not a failure, so that the driver can report the
  /// first one in file order.
  package struct Result: WireCodable {
    package var moments: Moments
    package var fault: ValueFault?

    package init(moments: Moments, fault: ValueFault?) {
      self.moments = moments
      self.fault = fault
    }

    package init(from reader: inout ByteReader) throws(WireError) {
      self.init(moments: try reader.value(), fault: try reader.optional())
    }

    package func encode(to writer: inout ByteWriter) {
      writer.value(moments)
      writer.optional(fault)
    }
  }

  private let columns: [String]
  private let fill: Double?
  private let settings: Settings

  package init(parameters: [UInt8]) throws {
    var reader = ByteReader(parameters)
    (columns, fill, settings) = try MatrixSource.decodeColumns(from: &reader)
    try reader.expectEnd()
  }

  package static func parameters(columns: [String], fill: Double?, settings: Settings) -> [UInt8] {
    var writer = ByteWriter()
    MatrixSource.encode(columns, fill, settings, to: &writer)
    return writer.bytes
  }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    let shard = try ShardInput(decoding: task.input)
    // Memory for the columns as read and as float64.
    let bytes = shard.bytes(columns: columns.count, perValue: 2 * MemoryLayout<Double>.stride)
    let result = bytes <= task.memory ? try whole(shard, task) : try columnByColumn(shard, task)
    try task.checkCancelled()
    task.progress(rows: shard.rows, bytes: bytes / 2)
    var metrics = TaskMetrics()
    metrics.rowsRead = shard.rows
    metrics.bytesRead = bytes / 2
    return TaskOutput(result: result.encoded, metrics: metrics)
  }

  private func whole(_ shard: ShardInput, _ task: any TaskContext) throws -> Result {
    let raw = try Shard.cached(task, shard, columns: columns.count).raw {
      try RawColumns(shard, columns: columns, fill: fill, settings: settings)
    }
    if let fault = raw.fault { return Result(moments: Moments(dimensions: columns.count), fault: fault) }
    return Result(moments: Moments(columns: raw.columns), fault: nil)
  }

  /// Computes the same result in less memory; nothing is cached for the next stage.
  private func columnByColumn(_ shard: ShardInput, _ task: any TaskContext) throws -> Result {
    var moments = Moments(dimensions: columns.count)
    var first: (row: Int, fault: ValueFault)?
    for (index, column) in columns.enumerated() {
      try task.checkCancelled()
      let raw = try RawColumns(shard, columns: [column], fill: fill, settings: settings)
      if let fault = raw.fault, let row = raw.faultRow, row < first?.row ?? .max { first = (row, fault) }
      if first == nil { moments.set(index, raw.columns[0]) }
    }
    if let first { return Result(moments: Moments(dimensions: columns.count), fault: first.fault) }
    return Result(moments: moments, fault: nil)
  }
}
