import Basics
import Columns
import Formats
import Storage
import Wire

/// Rows of Parquet files: one row group per task.
struct ParquetSource: Source {
  let path: DataPath
  var name: String { "Parquet rows of \(path)" }

  /// Reads the footer of every file.
  func plan(_ settings: Settings) throws -> SourcePlan {
    let store = try ObjectStores.store(for: path.uri, settings: settings)
    let objects = try InputFolder.list(path.uri, settings: settings)
    guard !objects.isEmpty else { throw StorageError.notFound(location: path.uri, message: "holds no files") }
    let tables = try parallelMap(objects) { try ParquetTableFormat.describe(try store.open($0)) }
    let splits = tables.flatMap(\.splits)
    return SourcePlan(
      tasks: try splits.map { try RecordBytes.encode($0.encoded) }, objects: objects,
      bytes: splits.reduce(0) { min($0 + min($1.bytes, 1 << 50), 1 << 60) })
  }

  static func forEachRow<Element: Decodable>(
    _ task: StageTask, of type: Element.Type, _ emit: (Element) throws -> Void
  ) throws {
    let split = try TableSplit(decoding: try RecordBytes.decode(from: task.context.input))
    let store = try ObjectStores.store(for: split.object.uri, settings: task.settings)
    let file = try ParquetFile(try store.open(split.object))
    let group = Int(split.range.lowerBound)
    task.file = split.object.uri
    task.position = .row(0, group: group)
    // If the fields of the type cannot be determined in advance, read all columns.
    let wanted = try? TableFields(of: type).fields
    let columns =
      wanted?.map(\.name).filter { file.fields.field(named: $0) != nil } ?? file.fields.map(\.name)
    let batch = try file.read(rowGroup: group, columns: columns)
    let rows = ColumnRows(batch, unread: file.unsupported)
    for row in 0..<batch.rows {
      try task.step()
      task.position = .row(row, group: group)
      rows.row = row
      let element: Element
      do {
        element = try rows.make(Element.self)
      } catch let error as RecordError {
        throw RecordError("is no \(typeName(Element.self)): \(error.description)")
      }
      try emit(element)
    }
    task.position = .unknown
    task.metrics.rowsRead = batch.rows
    task.metrics.bytesRead = Int(clamping: split.bytes)
  }
}

/// The fields of one row in a batch of columns.
private final class ColumnRows: NamedFieldSource {
  private let batch: ColumnBatch
  /// The file's other columns, and why they cannot be read.
  private let unread: [(name: String, reason: String)]
  /// The likely index of the next field: all rows request their fields in the same order.
  private var next = 0
  var row = 0

  init(_ batch: ColumnBatch, unread: [(name: String, reason: String)]) {
    self.batch = batch
    self.unread = unread
  }

  private func index(of name: String) -> Int? {
    let count = batch.fields.count
    for step in 0..<count {
      let index = next + step < count ? next + step : next + step - count
      if batch.fields[index].name.hasSameBytes(as: name) {
        next = index + 1 < count ? index + 1 : 0
        return index
      }
    }
    return nil
  }

  func find(_ name: String, as type: Any.Type) throws -> FieldValue? {
    guard let index = index(of: name) else {
      if let column = unread.first(where: { $0.name.hasSameBytes(as: name) }) {
        throw RecordError(
          "field '\(name)' of type \(typeName(type)): the column cannot be read: \(column.reason)")
      }
      return nil
    }
    return try ColumnRows.value(batch.columns[index], batch.fields[index].type, row, name)
  }

  private static func value(_ column: Column, _ type: ColumnType, _ row: Int, _ name: String) throws
    -> FieldValue
  {
    if column.isNull(row) { return .null }
    switch (column.values, type) {
    case (.bool(let values), _): return .bool(values[row])
    case (.int32(let values), .date): return .time(Int64(values[row]) * 86_400_000)
    case (.int32(let values), _): return .integer(Int64(values[row]))
    case (.int64(let values), .timestampMillis): return .time(values[row])
    case (.int64(let values), .timestamp), (.int64(let values), .timestampTZ):
      // Rounds down, before 1970 too.
      return .time(values[row] >= 0 ? values[row] / 1000 : (values[row] + 1) / 1000 - 1)
    case (.int64(let values), .decimal(_, let scale)): return .number(Double(values[row]) / power(scale))
    case (.int64(let values), _): return .integer(values[row])
    case (.int128(let values), .decimal(precision: 20, scale: 0)):
      // Unsigned 64-bit integers.
      if let value = Int64(exactly: values[row]) { return .integer(value) }
      if let value = UInt64(exactly: values[row]) { return .unsigned(value) }
      return .number(Double(values[row]))
    case (.int128(let values), .decimal(_, let scale)): return .number(Double(values[row]) / power(scale))
    case (.float(let values), _): return .float(values[row])
    case (.double(let values), _): return .number(values[row])
    case (.bytes(let values), let type):
      let bytes = values.bytes[values.offsets[row]..<values.offsets[row + 1]]
      guard type != .binary else { return .bytes(Array(bytes)) }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw RecordError("column '\(name)' holds bytes that are not UTF-8")
      }
      return .string(text)
    case (.list(let lists), .list(let element)):
      return .list(
        try (lists.offsets[row]..<lists.offsets[row + 1]).map { try value(lists.elements, element, $0, name) }
      )
    case (.structure(let columns, _), .structure(let fields)):
      return .record(
        try zip(columns, fields).map { ($1.name, try value($0, $1.type, row, name)) })
    case (_, let type):
      throw RecordError("column '\(name)' is of type \(type.name), which records cannot hold")
    }
  }

  private static func power(_ scale: Int) -> Double {
    // Exact up to 10²².
    (0..<scale).reduce(1.0) { power, _ in power * 10 }
  }

  func single<T: Decodable>(_ type: T.Type) throws -> T { throw refusal("a plain value as a row") }
  func refusal(_ what: String) -> any Error { RecordError("a row of a table cannot hold \(what)") }
}
