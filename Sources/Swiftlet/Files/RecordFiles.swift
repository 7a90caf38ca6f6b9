import Columns
import Formats
import Storage

/// How an output is written.
public enum FileFormat: Sendable, Hashable {
  /// One JSON object a line, fields in the order of declaration, nil as `null`.
  case jsonLines
  /// The same, compressed with Zstandard.
  case compressedJSONLines
  /// A column a field, compressed with Zstandard. The record must be a flat struct.
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
  func write(_ element: Element) throws
  /// All but closing the sink.
  func finish() throws
}

final class JSONLinesWriter<Element: Encodable>: RecordWriter {
  private static var bufferBytes: Int { 64 << 10 }
  private let sink: any ByteSink
  private var text: [UInt8] = []

  init(_ sink: any ByteSink) { self.sink = sink }

  func write(_ element: Element) throws {
    JSONForm.write(try FieldValue(element), to: &text)
    text.append(0x0a)
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
  /// By column.
  private var values: [[FieldValue]]

  init(_ sink: any ByteSink) throws {
    fields = try TableFields(of: Element.self).fields
    writer = try ParquetWriter(sink: sink, fields: fields, options: ParquetOptions(rowGroupRows: 1 << 15))
    values = fields.map { _ in [] }
  }

  func write(_ element: Element) throws {
    guard case .record(let row) = try FieldValue(element), row.map(\.name) == fields.map(\.name) else {
      throw RecordError("\(Element.self) does not encode the fields that it decodes, in that order")
    }
    for (index, field) in row.enumerated() { values[index].append(field.value) }
    if values[0].count == TableWriter.batchRows { try flush() }
  }

  func finish() throws {
    try flush()
    _ = try writer.finish()
  }

  private func flush() throws {
    let columns = try zip(fields, values).map { field, values in
      do {
        return try TableWriter.column(field, values)
      } catch let error as RecordError {
        throw RecordError("field '\(field.name)': \(error.description)")
      }
    }
    try writer.write(ColumnBatch(fields: fields, columns: columns, rows: values[0].count))
    for index in values.indices { values[index].removeAll(keepingCapacity: true) }
  }

  private static func column(_ field: ColumnField, _ values: [FieldValue]) throws -> Column {
    let validity = values.map { value in if case .null = value { false } else { true } }
    if !field.nullable, validity.contains(false) {
      throw RecordError("null in a column that is not optional")
    }
    func plain<F: RecordForm>(_ type: F.Type) throws -> [F] {
      try zip(values, validity).map { value, isThere in isThere ? try F.read(value) : F.sample }
    }
    let column: ColumnValues =
      switch field.type {
      case .bool: .bool(try plain(Bool.self))
      case .int32: .int32(try plain(Int32.self))
      case .int64: .int64(try plain(Int64.self))
      case .float: .float(try plain(Float.self))
      case .double: .double(try plain(Double.self))
      case .string: .string(StringColumn(try plain(String.self)))
      case .timestampMillis: .timestampMillis(try plain(Int64.self))
      }
    return Column(column, validity: field.nullable ? validity : nil)
  }
}
