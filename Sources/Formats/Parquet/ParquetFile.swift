import Basics
import Columns
import Storage

/// Reads Parquet files with flat schemas (apache/parquet-format 2.11), one row group at a time and each column chunk with one
/// read. Must be used by one thread at a time, like its `ObjectReader`.
///
/// Not supported: nested and repeated columns (the other columns of the file can still be read), LZ4, Brotli, LZO, and
/// encryption. Times finer than a millisecond are rounded down, decimals become doubles, and dates become midnight UTC at the
/// start of the day.
package final class ParquetFile {
  package struct RowGroup: Hashable, Sendable {
    package let rows: Int
    /// Size of all columns in bytes, decompressed.
    package let byteSize: Int
  }

  /// The columns that can be read, in file order.
  package let fields: [ColumnField]
  /// The columns that cannot be read, and why.
  package let unsupported: [(name: String, reason: String)]
  package let rowGroups: [RowGroup]

  private let reader: any ObjectReader
  private let schema: ParquetSchema
  let metadata: ParquetMetadata
  private let maxColumnBytes: Int
  private let codecs = ParquetCodecs()
  private let scratch = ScratchMemory()

  package var rows: Int { rowGroups.reduce(0) { $0 + $1.rows } }

  /// Reads the footer.
  /// - Parameter maxColumnBytes: The maximum size in bytes of the values of one column in one row group; a larger row group is
  ///   an error. A few bytes of a file can represent any number of equal values, so the file size is no limit.
  package init(_ reader: any ObjectReader, maxColumnBytes: Int = 1 << 30) throws {
    self.reader = reader
    self.maxColumnBytes = maxColumnBytes
    let uri = reader.info.uri
    (metadata, schema, rowGroups) = try locating(uri) {
      let metadata = try ParquetFooter.read(reader)
      let schema = try ParquetSchema(metadata.schema)
      var total = 0
      let groups = try metadata.rowGroups.map { group in
        guard group.columns.count == schema.chunks else {
          throw ParquetFault.corrupt(
            "a row group has \(group.columns.count) columns, expected \(schema.chunks)")
        }
        let (sum, overflow) = total.addingReportingOverflow(Int(group.rows))
        guard !overflow else { throw ParquetFault.corrupt("row groups have over 2⁶³ rows") }
        total = sum
        return RowGroup(rows: Int(group.rows), byteSize: max(0, Int(group.byteSize)))
      }
      guard total == metadata.rows else {
        throw ParquetFault.corrupt("row groups have \(total) rows, expected \(metadata.rows)")
      }
      return (metadata, schema, groups)
    }
    fields = schema.leaves.map(\.field)
    unsupported = schema.unsupported
  }

  /// Reads the given columns of a row group.
  /// - Returns: The columns in the requested order.
  package func read(rowGroup: Int, columns: [String]) throws -> ColumnBatch {
    let uri = reader.info.uri
    guard rowGroups.indices.contains(rowGroup) else {
      throw StorageError.invalid(
        location: uri, message: "no row group \(rowGroup); it has \(rowGroups.count)")
    }
    let leaves = try columns.map { try leaf($0) }
    let read = try leaves.map { leaf in
      try locating("\(uri), row group \(rowGroup), column '\(leaf.name)'") {
        try readChunk(metadata.rowGroups[rowGroup].columns[leaf.index], leaf, rows: rowGroups[rowGroup].rows)
      }
    }
    return ColumnBatch(fields: leaves.map(\.field), columns: read, rows: rowGroups[rowGroup].rows)
  }

  func leaf(_ name: String) throws -> ParquetLeaf {
    let matches = schema.leaves.filter { $0.name.hasSameBytes(as: name) }
    if matches.count == 1 { return matches[0] }
    let message =
      if matches.count > 1 {
        "\(matches.count) columns have that name"
      } else if let other = unsupported.first(where: { $0.name.hasSameBytes(as: name) }) {
        other.reason
      } else {
        "no such column; there are: \(fields.map(\.name).joined(separator: ", "))"
      }
    throw StorageError.invalid(location: "\(reader.info.uri), column '\(name)'", message: message)
  }

  private func readChunk(_ chunk: ParquetChunkMetadata, _ leaf: ParquetLeaf, rows: Int) throws -> Column {
    if chunk.encrypted { throw ParquetFault.unsupported("encrypted columns are not supported") }
    if let path = chunk.path { throw ParquetFault.unsupported("its values are in another file, \(path)") }
    guard chunk.type == leaf.physical.rawValue, chunk.values == rows else {
      throw ParquetFault.corrupt(
        "a chunk of type number \(chunk.type) with \(chunk.values) values, "
          + "expected \(leaf.physical.rawValue) and \(rows)")
    }
    guard let codec = ParquetCodec(rawValue: chunk.codec) else {
      let name = ParquetCodec.name(of: chunk.codec)
      throw ParquetFault.unsupported(
        "compression \(name) is not supported (only zstd, snappy, gzip and none)")
    }
    let decoder = try ColumnChunkDecoder(
      leaf, codec: codec, rows: rows, limit: maxColumnBytes, codecs: codecs, scratch: scratch)
    // In row groups without rows, writers store meaningless offsets.
    let bytes = rows == 0 ? [] : try bytes(of: chunk)
    return try bytes.withUnsafeBytes { try decoder.decode($0) }
  }

  private func bytes(of chunk: ParquetChunkMetadata) throws -> [UInt8] {
    // Writers omit the dictionary offset or set it to 0 if there is no dictionary.
    let dictionary = chunk.dictionaryPageOffset ?? 0
    let start = dictionary > 0 ? min(dictionary, chunk.dataPageOffset) : chunk.dataPageOffset
    let size = reader.info.size
    guard start >= 4, chunk.compressedSize >= 0, start <= size, chunk.compressedSize <= size - start else {
      throw ParquetFault.corrupt("\(chunk.compressedSize) bytes at \(start) in a file of \(size)")
    }
    return try reader.bytes(at: start, count: Int(chunk.compressedSize))
  }
}

extension ObjectReader {
  /// Reads exactly `count` bytes; the caller has checked the range against the object's size.
  func bytes(at offset: Int64, count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      let target = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: target[..<count]))
      initialized = try read(at: offset, into: target)
      guard initialized == count else {
        throw ParquetFault.corrupt(
          "\(count) bytes at \(offset), but the file ends after \(initialized) of them")
      }
    }
  }
}
