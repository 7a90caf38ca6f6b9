import Basics
import Columns
import Formats
import Foundation
import Storage

/// The file format of an output.
public enum FileFormat: Sendable, Hashable {
  /// One JSON object per line, with fields in declaration order and nil as `null`.
  case jsonLines
  /// The same, compressed with Zstandard.
  case compressedJSONLines
  /// One column per field, compressed with Zstandard. The record must be a flat struct.
  case parquet

  var suffix: String {
    switch self {
    case .jsonLines: ".jsonl"
    case .compressedJSONLines: ".jsonl.zst"
    case .parquet: ".parquet"
    }
  }
}

/// Writes the records of one output file.
protocol RecordWriter: AnyObject {
  associatedtype Element
  /// - Throws: ``UnwritableRecord`` for a record that the format cannot represent.
  func write(_ element: Element) throws
  /// Writes all remaining data. The owner of the sink must close it.
  func finish() throws
}

/// A record that a file format cannot represent.
struct UnwritableRecord: Error {
  /// Index in the output file, counted from 0.
  let record: Int
  let message: String
}

final class JSONLinesWriter<Element: Encodable>: RecordWriter {
  private static var bufferBytes: Int { 64 << 10 }
  private let sink: any ByteSink
  private var text: [UInt8] = []
  private var records = 0

  init(_ sink: any ByteSink) { self.sink = sink }

  func write(_ element: Element) throws {
    do {
      try JSONForm.write(try FieldValue(element), to: &text)
    } catch let error as RecordError {
      throw UnwritableRecord(record: records, message: error.description)
    }
    text.append(0x0a)
    records += 1
    if text.count >= JSONLinesWriter.bufferBytes { try finish() }
  }

  func finish() throws {
    try text.withUnsafeBytes { try sink.write($0) }
    text.removeAll(keepingCapacity: true)
  }
}

final class TableWriter<Element: Codable>: RecordWriter {
  private static var batchRows: Int { 1 << 14 }
  private let writer: ParquetWriter
  private let fields: [ColumnField]
  /// Values by column.
  private var values: [[FieldValue]]
  /// Number of rows in earlier batches.
  private var flushed = 0

  init(_ sink: any ByteSink) throws {
    fields = try TableFields(of: Element.self).fields
    writer = try ParquetWriter(sink: sink, fields: fields, options: ParquetOptions(rowGroupRows: 1 << 15))
    values = fields.map { _ in [] }
  }

  func write(_ element: Element) throws {
    let row = try record(element)
    for (index, field) in row.enumerated() { values[index].append(field.value) }
    if values[0].count == TableWriter.batchRows { try flush() }
  }

  func finish() throws {
    try flush()
    _ = try writer.finish()
  }

  private func record(_ element: Element) throws -> [(name: String, value: FieldValue)] {
    let value: FieldValue
    do {
      value = try FieldValue(element)
    } catch let error as RecordError {
      throw UnwritableRecord(record: flushed + values[0].count, message: error.description)
    }
    guard case .record(let row) = value, row.elementsEqual(fields, by: { $0.name.hasSameBytes(as: $1.name) })
    else {
      throw RecordError("\(typeName(Element.self)) does not encode the fields that it decodes, in that order")
    }
    return row
  }

  private func flush() throws {
    let columns = try zip(fields, values).map { try column($0, $1) }
    try writer.write(ColumnBatch(fields: fields, columns: columns, rows: values[0].count))
    flushed += values[0].count
    for index in values.indices { values[index].removeAll(keepingCapacity: true) }
  }

  private func column(_ field: ColumnField, _ values: [FieldValue]) throws -> Column {
    let validity = values.map { value in if case .null = value { false } else { true } }
    func refuse(_ row: Int, _ message: String) -> UnwritableRecord {
      UnwritableRecord(record: flushed + row, message: "field '\(field.name)': \(message)")
    }
    if !field.nullable, let row = validity.firstIndex(of: false) {
      throw refuse(row, "null in a column that is not optional")
    }
    func plain<F: RecordForm>(_ type: F.Type) throws -> [F] {
      try values.enumerated().map { row, value in
        guard validity[row] else { return F.sample }
        do {
          return try F.read(value)
        } catch let error as RecordError {
          throw refuse(
            row, "cannot be written to a Parquet column of \(field.type.name): \(error.description)")
        }
      }
    }
    let column: ColumnValues =
      switch field.type {
      case .bool: .bool(try plain(Bool.self))
      case .int32: .int32(try plain(Int32.self))
      case .int64: .int64(try plain(Int64.self))
      case .float: .float(try plain(Float.self))
      case .double: .double(try plain(Double.self))
      case .string: .bytes(StringColumn(try plain(String.self)))
      case .binary: .bytes(StringColumn(bytes: try plain(Data.self)))
      case .timestampMillis: .int64(try plain(Int64.self))
      default: throw refuse(0, "no record has a column of \(field.type.name)")
      }
    return Column(column, validity: field.nullable ? validity : nil)
  }
}
