import Columns
import Storage

/// Reads columns of a row group in batches, so that memory does not depend on the size of the row group: of each column, the
/// dictionary, the current page and some compressed bytes are kept.
package final class ParquetRowGroupReader {
  package let fields: [ColumnField]
  /// Rows that have not been read.
  package private(set) var remaining: Int

  private let columns: [Source]

  /// One column.
  fileprivate struct Source {
    let column: ParquetColumn
    let leaves: [LeafReader]
    let keepsDictionary: Bool
    /// For errors.
    let location: String
  }

  fileprivate init(_ sources: [(ParquetColumn, [LeafReader], Bool, String)], rows: Int) {
    columns = sources.map { Source(column: $0, leaves: $1, keepsDictionary: $2, location: $3) }
    fields = columns.map(\.column.field)
    remaining = rows
  }

  /// Returns the next rows, at most `rows`; nil if there are no more.
  package func next(_ rows: Int) throws -> ColumnBatch? {
    remaining == 0 ? nil : try read(rows)
  }

  fileprivate func read(_ rows: Int) throws -> ColumnBatch {
    let count = min(max(1, rows), remaining)
    let read = try columns.map { source in try locating(source.location) { try source.read(count) } }
    remaining -= count
    return ColumnBatch(fields: fields, columns: read, rows: count)
  }
}

extension ParquetRowGroupReader.Source {
  fileprivate func read(_ rows: Int) throws -> Column {
    if column.flat != nil { return try leaves[0].flat(rows, keepsDictionary: keepsDictionary) }
    return try NestedColumn(column, try leaves.map { try $0.records(rows) }).assembled(rows: rows)
  }
}

/// A column to read from a Parquet file.
package struct ParquetRequest: Hashable, Sendable {
  package let name: String
  /// Whether rows of strings whose pages have a dictionary are returned as ``ColumnValues/dictionary(_:)``.
  package let keepsDictionary: Bool

  package init(_ name: String, keepsDictionary: Bool = false) {
    self.name = name
    self.keepsDictionary = keepsDictionary
  }
}

extension ParquetFile {
  /// Starts to read columns of a row group.
  package func reader(rowGroup: Int, columns: [ParquetRequest]) throws -> ParquetRowGroupReader {
    guard rowGroups.indices.contains(rowGroup) else {
      throw StorageError.invalid(
        location: uri, message: "no row group \(rowGroup); it has \(rowGroups.count)")
    }
    let rows = rowGroups[rowGroup].rows
    let sources = try columns.map { request in
      let column = try column(request.name)
      let location = "\(uri), row group \(rowGroup), column '\(column.field.name)'"
      let leaves = try locating(location) {
        try column.leaves.map { try leafReader($0, metadata.rowGroups[rowGroup].columns[$0.index], rows) }
      }
      return (column, leaves, request.keepsDictionary, location)
    }
    return ParquetRowGroupReader(sources, rows: rows)
  }

  /// Reads the given columns of a whole row group.
  /// - Returns: The columns in the requested order.
  package func read(rowGroup: Int, columns: [String], keepDictionaries: Bool = false) throws -> ColumnBatch {
    let reader = try reader(
      rowGroup: rowGroup, columns: columns.map { ParquetRequest($0, keepsDictionary: keepDictionaries) })
    return try reader.read(reader.remaining)
  }

  private func leafReader(_ leaf: ParquetLeaf, _ chunk: ParquetChunkMetadata, _ rows: Int) throws
    -> LeafReader
  {
    if chunk.encrypted { throw ParquetFault.unsupported("encrypted columns are not supported") }
    if let path = chunk.path { throw ParquetFault.unsupported("its values are in another file, \(path)") }
    guard chunk.type == leaf.physical.rawValue,
      leaf.maxRepetition == 0 ? chunk.values == rows : chunk.values >= rows
    else {
      throw ParquetFault.corrupt(
        "a chunk of type number \(chunk.type) with \(chunk.values) values, "
          + "expected \(leaf.physical.rawValue) and \(rows)")
    }
    guard let codec = ParquetCodec(rawValue: chunk.codec) else {
      let name = ParquetCodec.name(of: chunk.codec)
      throw ParquetFault.unsupported("compression \(name) is not supported")
    }
    // In row groups without rows, writers store meaningless offsets.
    let range = rows == 0 ? 0..<0 : try range(of: chunk)
    let pages = PageReader(
      ChunkBytes(reader, range), leaf, codec: codec, codecs: codecs, limit: maxColumnBytes)
    return LeafReader(leaf, entries: Int(chunk.values), pages: pages, limit: maxColumnBytes)
  }

  private func range(of chunk: ParquetChunkMetadata) throws -> Range<Int64> {
    // Writers omit the dictionary offset or set it to 0 if there is no dictionary.
    let dictionary = chunk.dictionaryPageOffset ?? 0
    let start = dictionary > 0 ? min(dictionary, chunk.dataPageOffset) : chunk.dataPageOffset
    let size = reader.info.size
    guard start >= 4, chunk.compressedSize >= 0, start <= size, chunk.compressedSize <= size - start else {
      throw ParquetFault.corrupt("\(chunk.compressedSize) bytes at \(start) in a file of \(size)")
    }
    return start..<start + chunk.compressedSize
  }
}
