import Engine
import Storage
import Wire

/// Merges what all splits know of the users of one shuffle partition, in the order of the splits, and writes their rows.
package struct FeaturesReduce: Operator {
  package static let name = "clickstream.features.reduce"

  /// Rows that are made into columns at a time.
  private static let batchRows = 1 << 16

  private let parameters: FeaturesParameters

  package init(parameters: [UInt8]) throws {
    self.parameters = try FeaturesParameters(decoding: parameters)
  }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    do {
      return try reduce(task)
    } catch let error as StorageError {
      throw error.taskFailure
    }
  }

  private func reduce(_ task: any TaskContext) throws -> TaskOutput {
    let partition = task.attempt.task.partition
    var metrics = TaskMetrics()
    var tally = ScanTally(cap: parameters.rejectedCap)
    let aggregates = try merge(task, &tally, &metrics)
    try task.checkCancelled()
    let table = FeatureTable(aggregates)
    var result = FeaturesResult(rows: table.rows, tally: tally)
    // The first file is written even where there are no rows, so that the output is a table in any case.
    if table.rows > 0 || partition == 0 {
      result.files.append(try write(table, partition, task))
    }
    if !tally.lines.isEmpty {
      result.sideFiles.append(try write(tally.lines, partition, task))
    }
    metrics.rowsWritten = table.rows
    metrics.bytesWritten = result.files.reduce(0) { $0 + $1.bytes }
    return TaskOutput(result: result.encoded, metrics: metrics)
  }

  private func merge(
    _ task: any TaskContext, _ tally: inout ScanTally, _ metrics: inout TaskMetrics
  ) throws -> UserAggregates {
    var aggregates = UserAggregates(range: parameters.range, sessionGap: parameters.sessionGap)
    var merged = tally
    var bytes = 0
    try task.forEachShuffleBlock(upstream: 0) { map, block in
      try task.checkCancelled()
      do {
        if let part = try UserBlockDecoder.merge(block, into: &aggregates) { merged.append(part) }
      } catch let failure as TaskFailure {
        throw failure
      } catch {
        throw TaskFailure.transient("shuffle block of map task \(map): \(error)")
      }
      bytes += block.count
      task.progress(rows: 0, bytes: block.count)
    }
    tally = merged
    metrics.shuffleReadBytes = bytes
    metrics.rowsRead = aggregates.users.count
    return aggregates
  }

  private func write(_ table: borrowing FeatureTable, _ partition: Int, _ task: any TaskContext) throws
    -> StagedFile
  {
    try stage("part-\(FeaturesReduce.padded(partition)).parquet", task) { sink in
      let writer = try ParquetWriter(sink: sink, fields: FeatureTable.fields)
      for start in stride(from: 0, to: table.rows, by: FeaturesReduce.batchRows) {
        try task.checkCancelled()
        let end = min(start + FeaturesReduce.batchRows, table.rows)
        try writer.write(table.batch(start..<end))
        task.progress(rows: end - start, bytes: 0)
      }
      _ = try writer.finish()
      return table.rows
    }
  }

  private func write(_ lines: [RejectedLine], _ partition: Int, _ task: any TaskContext) throws -> StagedFile
  {
    try stage("_rejected/part-\(FeaturesReduce.padded(partition)).jsonl", task) { sink in
      for line in lines {
        var json = line.json
        try json.withUTF8 { try sink.write(UnsafeRawBufferPointer($0)) }
      }
      return lines.count
    }
  }

  /// - Parameter body: Writes the file and returns the number of its rows.
  private func stage(
    _ name: String, _ task: any TaskContext, _ body: (StagedSink) throws -> Int
  ) throws -> StagedFile {
    let sink = try parameters.staging.create(name: name, attempt: "\(task.attempt)")
    do {
      let rows = try body(sink)
      try sink.close()
      return try sink.stagedFile(rows: rows)
    } catch {
      sink.abort()
      throw error
    }
  }

  private static func padded(_ partition: Int) -> String {
    let digits = String(partition)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

/// What a reduce task tells the step.
struct FeaturesResult: Hashable, Sendable, WireCodable {
  /// Rejected lines that are told of in full when there are too many.
  private static let samples = 3

  var files: [StagedFile] = []
  var sideFiles: [StagedFile] = []
  var rows: Int
  /// Of all splits, from partition 0; empty from others. Only the first few of its lines travel.
  var tally: ScanTally

  init(rows: Int, tally: ScanTally) {
    self.rows = rows
    self.tally = tally.keeping(first: FeaturesResult.samples)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    files = try reader.list()
    sideFiles = try reader.list()
    rows = try reader.count()
    tally = try reader.value()
  }

  func encode(to writer: inout ByteWriter) {
    writer.list(files)
    writer.list(sideFiles)
    writer.count(rows)
    writer.value(tally)
  }
}
