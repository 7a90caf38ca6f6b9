import Basics
import Columns
import Engine
import Formats
import Storage
import Wire

/// How a task writes its rows.
package struct FileSink: Sendable, WireCodable {
  package enum Format: String, Sendable, CaseIterable { case parquet, jsonl, csv }

  package var format: Format
  package var staging: StagingArea
  package var fields: [ColumnField]

  package init(format: Format, staging: StagingArea, fields: [ColumnField]) {
    self.format = format
    self.staging = staging
    self.fields = fields
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    let name = try reader.string()
    guard let format = Format(rawValue: name) else { throw .invalid("output format '\(name)'") }
    self.format = format
    staging = try reader.value()
    fields = try reader.list()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(format.rawValue)
    writer.value(staging)
    writer.list(fields)
  }
}

extension FileSink {
  /// A file without rows, so that the output has its columns.
  package func emptyFile(attempt: String) throws -> StagedFile {
    let file = try staging.create(name: "part-00000.\(format.rawValue)", attempt: attempt)
    do {
      try BatchWriters.make(format, file, fields).finish()
      try file.close()
      return try file.stagedFile(rows: 0)
    } catch {
      file.abort()
      throw error
    }
  }
}

/// Writes a task's rows to one file. A task without rows writes none.
final class FileWriter: BatchConsumer {
  private let sink: FileSink
  private let task: any TaskContext
  private var output: (file: StagedSink, writer: any BatchWriter)?
  private(set) var files: [StagedFile] = []
  private(set) var rows = 0

  init(_ sink: FileSink, _ task: any TaskContext) {
    self.sink = sink
    self.task = task
  }

  deinit { output?.file.abort() }

  func consume(_ batch: ColumnBatch) throws {
    let output = try self.output ?? open()
    self.output = output
    rows += batch.rows
    try output.writer.write(ColumnBatch(fields: sink.fields, columns: batch.columns, rows: batch.rows))
    try task.checkCancelled()
  }

  private func open() throws -> (StagedSink, any BatchWriter) {
    let name = "part-\(PlainText.zeroPadded(task.attempt.task.partition, 5)).\(sink.format.rawValue)"
    let file = try sink.staging.create(name: name, attempt: task.attempt.description)
    do {
      return (file, try BatchWriters.make(sink.format, file, sink.fields))
    } catch {
      file.abort()
      throw error
    }
  }

  func finish() throws {
    guard let output else { return }
    try output.writer.finish()
    try output.file.close()
    files = [try output.file.stagedFile(rows: rows)]
    self.output = nil
  }
}
