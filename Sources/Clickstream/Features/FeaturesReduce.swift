import Basics
import Engine
import Formats
import Storage
import Wire

/// Merges the aggregates of one shuffle partition, in the order of the splits, and writes a row per user.
package struct FeaturesReduce: Operator {
  package static let name = "clickstream.features.reduce"

  /// Rows per column batch.
  private static let batchRows = 1 << 13
  /// Rows per row group: a few megabytes, whatever the size of the table.
  private static let rowGroupRows = 1 << 15

  private let parameters: FeaturesParameters

  package init(parameters: [UInt8]) throws {
    self.parameters = try FeaturesParameters(decoding: parameters)
  }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    let partition = task.attempt.task.partition
    let merge = UserMerge(parameters, task)
    var rows = 0
    var shuffleBytes = 0
    let file = try stage("part-\(PlainText.zeroPadded(partition, 5)).parquet", task) { sink in
      let options = ParquetOptions(rowGroupRows: FeaturesReduce.rowGroupRows)
      let writer = try ParquetWriter(sink: sink, fields: FeatureTable.fields, options: options)
      shuffleBytes = try merge.run { try write($0, to: writer, task) }
      rows = try writer.finish().rows
      // The first file is kept even without rows, so that the output is always a table.
      return rows > 0 || partition == 0 ? rows : nil
    }
    var result = FeaturesResult(
      rows: rows, tally: merge.tally, fails: merge.tally.exceeds(parameters.maxRejectedShare))
    if let file { result.files.append(file) }
    var metrics = TaskMetrics()
    metrics.rowsRead = result.rows
    metrics[.shuffleReadBytes] = shuffleBytes
    metrics.rowsWritten = result.rows
    metrics.bytesWritten = result.files.reduce(0) { $0 + $1.bytes }
    result.sideFiles = try RejectedFile.stage(
      merge.tally.lines.map(\.json), part: "part-\(PlainText.zeroPadded(partition, 5))", parameters.staging,
      task)
    return TaskOutput(result: result.encoded, metrics: metrics)
  }

  private func write(
    _ finished: consuming UserAggregates, to writer: ParquetWriter, _ task: any TaskContext
  ) throws {
    let table = FeatureTable(finished)
    for start in stride(from: 0, to: table.rows, by: FeaturesReduce.batchRows) {
      try task.checkCancelled()
      let end = min(start + FeaturesReduce.batchRows, table.rows)
      try writer.write(table.batch(start..<end))
      task.progress(rows: end - start, bytes: 0)
    }
  }

  /// - Parameter body: Writes the file and returns its number of rows; nil discards it.
  private func stage(
    _ name: String, _ task: any TaskContext, _ body: (StagedSink) throws -> Int?
  ) throws -> StagedFile? {
    let sink = try parameters.staging.create(name: name, attempt: "\(task.attempt)")
    do {
      guard let rows = try body(sink) else {
        sink.abort()
        return nil
      }
      try sink.close()
      return try sink.stagedFile(rows: rows)
    } catch {
      sink.abort()
      throw error
    }
  }
}
