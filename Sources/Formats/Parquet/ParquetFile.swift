import Basics
import Columns
import Storage

/// Reads Parquet files (apache/parquet-format 2.11), one row group at a time. Must be used by one thread at a time, like its
/// `ObjectReader`.
///
/// Not supported: LZO and encryption. Times finer than a microsecond are rounded down, and decimals of over 38 digits become
/// doubles.
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

  let reader: any ObjectReader
  let metadata: ParquetMetadata
  let maxColumnBytes: Int
  let codecs = ParquetCodecs()
  private let schema: ParquetSchema

  var uri: String { reader.info.uri }
  package var rows: Int { rowGroups.reduce(0) { $0 + $1.rows } }

  /// Reads the footer.
  /// - Parameter maxColumnBytes: The maximum size in bytes of the values of one column in one batch (without a reader of
  ///   batches, in a row group); more are an error. A few bytes of a file can represent any number of equal values, so the file size is no limit.
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
    fields = schema.columns.map(\.field)
    unsupported = schema.unsupported
  }

  /// - Throws: `StorageError.invalid` if there is no such column, or it cannot be read.
  func column(_ name: String) throws -> ParquetColumn {
    let matches = schema.columns.filter { $0.field.name.hasSameBytes(as: name) }
    if matches.count == 1 { return matches[0] }
    let message =
      if matches.count > 1 {
        "\(matches.count) columns have that name"
      } else if let other = unsupported.first(where: { $0.name.hasSameBytes(as: name) }) {
        other.reason
      } else {
        "no such column; there are: \(fields.map(\.name).joined(separator: ", "))"
      }
    throw StorageError.invalid(location: "\(uri), column '\(name)'", message: message)
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
