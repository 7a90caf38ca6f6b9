import Columns
import Formats
import Storage

/// Writes the rows of a result in some format.
protocol BatchWriter: AnyObject {
  func write(_ batch: ColumnBatch) throws
  /// Writes what is left. Does not close the sink.
  func finish() throws
}

extension CSVWriter: BatchWriter {}
extension JSONLinesWriter: BatchWriter {}

final class ParquetBatchWriter: BatchWriter {
  private let writer: ParquetWriter

  init(_ sink: any ByteSink, _ fields: [ColumnField]) throws {
    writer = try ParquetWriter(sink: sink, fields: fields)
  }

  func write(_ batch: ColumnBatch) throws { try writer.write(batch) }
  func finish() throws { _ = try writer.finish() }
}

enum BatchWriters {
  static func make(
    _ format: FileSink.Format, _ sink: any ByteSink, _ fields: [ColumnField]
  ) throws -> any BatchWriter {
    switch format {
    case .parquet: try ParquetBatchWriter(sink, fields)
    case .jsonl: JSONLinesWriter(sink, fields)
    case .csv: CSVWriter(sink, fields)
    }
  }
}
