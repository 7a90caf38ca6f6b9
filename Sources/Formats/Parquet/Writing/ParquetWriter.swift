import Basics
import Columns
import Storage

package struct ParquetOptions: Hashable, Sendable {
  package var codec: ParquetCodec
  /// 1 (fastest) to 19; ignored by the other codecs.
  package var zstdLevel: Int
  /// Number of rows in every row group except the last.
  package var rowGroupRows: Int

  package init(codec: ParquetCodec = .zstd, zstdLevel: Int = 1, rowGroupRows: Int = 1 << 17) {
    self.codec = codec
    self.zstdLevel = zstdLevel
    self.rowGroupRows = rowGroupRows
  }
}

/// Writes a Parquet file with a flat schema (apache/parquet-format 2.11): data pages of version 1, dictionaries where they pay
/// off, statistics and checksums. The same rows produce the same bytes, however they are split into batches. Must be used by
/// one thread at a time.
package final class ParquetWriter {
  package struct Summary: Hashable, Sendable {
    package let rows: Int
    /// Size of the whole file in bytes.
    package let bytes: Int
  }

  private let sink: any ByteSink
  private let fields: [ColumnField]
  private let options: ParquetOptions
  private let location: String
  private var encoder: ColumnChunkEncoder
  /// Rows that do not yet fill a row group. The batches are kept as they are, not copied.
  private var pending = RowPieces()
  private var rowGroups: [ParquetWrittenRowGroup] = []
  private var offset = 0
  private var rows = 0
  private var isFinished = false

  /// - Parameter location: The name of the file in errors.
  package init(
    sink: any ByteSink, fields: [ColumnField], options: ParquetOptions = .init(),
    location: String = "Parquet output"
  ) throws {
    guard !fields.isEmpty, Set(fields.map { ExactName($0.name) }).count == fields.count else {
      throw StorageError.invalid(
        location: location, message: "a Parquet file needs columns, each with a name of its own")
    }
    guard (1...(1 << 27)).contains(options.rowGroupRows) else {
      throw StorageError.invalid(
        location: location, message: "row groups of \(options.rowGroupRows) rows, expected 1 to \(1 << 27)")
    }
    self.sink = sink
    self.fields = fields
    self.options = options
    self.location = location
    encoder = ColumnChunkEncoder(codec: options.codec, codecs: ParquetCodecs(zstdLevel: options.zstdLevel))
  }

  /// Adds rows. Each batch must have the file's columns in order. Rows that do not fill a row group are held back.
  package func write(_ batch: ColumnBatch) throws {
    try check(batch)
    var next = 0
    while next < batch.rows {
      let end = min(batch.rows, next + options.rowGroupRows - pending.rows)
      pending.append(batch, next..<end)
      next = end
      if pending.rows == options.rowGroupRows { try flush() }
    }
  }

  /// Writes the remaining rows and the footer. The owner of the sink must close it.
  package func finish() throws -> Summary {
    guard !isFinished else { throw StorageError.invalid(location: location, message: "finished twice") }
    isFinished = true
    if pending.rows > 0 { try flush() }
    try begin()
    try write(bytes: try locating(location) { try ParquetFooter.bytes(fields, rowGroups) })
    return Summary(rows: rows, bytes: offset)
  }

  private func begin() throws {
    if offset == 0 { try write(bytes: ParquetMagic.plain) }
  }

  private func write(bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try sink.write($0) }
    offset += bytes.count
  }

  private func flush() throws {
    try begin()
    var chunks: [ParquetWrittenChunk] = []
    for (index, field) in fields.enumerated() {
      let slice = pending.slice(index, field.type)
      guard field.nullable || slice.nulls == 0 else {
        throw StorageError.invalid(
          location: "\(location), column '\(field.name)'", message: "nulls in a column that is not nullable")
      }
      chunks.append(
        try locating("\(location), column '\(field.name)'") {
          try encoder.encode(slice, field, offset: offset)
        })
      try write(bytes: encoder.chunk)
    }
    rowGroups.append(ParquetWrittenRowGroup(rows: pending.rows, chunks: chunks))
    rows += pending.rows
    pending.removeAll()
  }

  private func check(_ batch: ColumnBatch) throws {
    guard !isFinished else { throw StorageError.invalid(location: location, message: "rows after the end") }
    guard batch.columns.count == fields.count else {
      throw StorageError.invalid(
        location: location, message: "a batch of \(batch.columns.count) columns, expected \(fields.count)")
    }
    for (column, field) in zip(batch.columns, fields) {
      guard column.values.storage == field.type.storage, column.values.count == batch.rows,
        (column.validity?.count ?? batch.rows) == batch.rows
      else {
        throw StorageError.invalid(
          location: "\(location), column '\(field.name)'",
          message:
            "\(column.values.count) values of \(column.values.storage), expected \(batch.rows) of \(field.type.name)"
        )
      }
    }
  }
}
