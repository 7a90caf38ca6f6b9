// The byte form of columns and batches, for shuffle blocks, spill files and results: the arrays as in memory.
import Basics

extension ColumnBatch {
  /// Appends the rows; the reader must know the fields.
  package func encode(to writer: inout ByteWriter) {
    writer.count(rows)
    for column in columns { column.encode(to: &writer) }
  }

  /// - Throws: `WireError` for bytes that are not a batch with these fields.
  package init(_ fields: [ColumnField], from reader: inout ByteReader) throws(WireError) {
    let rows = try reader.count()
    var columns: [Column] = []
    for field in fields { columns.append(try Column(field.type, rows: rows, from: &reader)) }
    self.init(fields: fields, columns: columns, rows: rows)
  }
}

extension Column {
  package func encode(to writer: inout ByteWriter) {
    writer.bool(validity != nil)
    if let validity { writer.array(validity.map { $0 ? UInt8(1) : 0 }) }
    switch values {
    case .bool(let values): writer.array(values.map { $0 ? UInt8(1) : 0 })
    case .int32(let values): writer.array(values)
    case .int64(let values): writer.array(values)
    case .int128(let values): writer.array(values)
    case .float(let values): writer.array(values)
    case .double(let values): writer.array(values)
    case .interval(let values): writer.array(values)
    case .bytes(let strings): Self.encode(strings, to: &writer)
    case .dictionary(let column): Self.encode(column.decoded(), to: &writer)
    case .list(let lists):
      writer.array(Self.lengths(lists.offsets))
      lists.elements.encode(to: &writer)
    case .structure(let columns, _): for column in columns { column.encode(to: &writer) }
    }
  }

  private static func encode(_ strings: StringColumn, to writer: inout ByteWriter) {
    writer.array(lengths(strings.offsets))
    writer.array(strings.bytes)
  }

  private static func lengths(_ offsets: [Int]) -> [UInt32] {
    (0..<offsets.count - 1).map { UInt32(truncatingIfNeeded: offsets[$0 + 1] - offsets[$0]) }
  }

  package init(_ type: ColumnType, rows: Int, from reader: inout ByteReader) throws(WireError) {
    var validity: [Bool]?
    if try reader.bool() { validity = try Self.flags(rows, &reader) }
    let values: ColumnValues
    switch type.storage {
    case .bool: values = .bool(try Self.flags(rows, &reader))
    case .int32: values = .int32(try Self.array(rows, &reader))
    case .int64: values = .int64(try Self.array(rows, &reader))
    case .int128: values = .int128(try Self.array(rows, &reader))
    case .float: values = .float(try Self.array(rows, &reader))
    case .double: values = .double(try Self.array(rows, &reader))
    case .interval: values = .interval(try Self.array(rows, &reader))
    case .bytes:
      var strings = StringColumn()
      strings.offsets = try Self.offsets(rows, &reader)
      strings.bytes = try Self.array(strings.offsets[rows], &reader)
      values = .bytes(strings)
    case .list:
      guard case .list(let element) = type else { throw .invalid("a list of \(type.name)") }
      let offsets = try Self.offsets(rows, &reader)
      values = .list(
        ListColumn(offsets: offsets, elements: try Column(element, rows: offsets[rows], from: &reader)))
    case .structure:
      guard case .structure(let fields) = type else { throw .invalid("a struct of \(type.name)") }
      var columns: [Column] = []
      for field in fields { columns.append(try Column(field.type, rows: rows, from: &reader)) }
      values = .structure(columns, rows: rows)
    }
    self.init(values, validity: validity)
  }

  private static func array<T: BitwiseCopyable>(_ count: Int, _ reader: inout ByteReader) throws(WireError)
    -> [T]
  {
    let values: [T] = try reader.array()
    guard values.count == count else { throw .invalid("\(values.count) values, expected \(count)") }
    return values
  }

  private static func flags(_ count: Int, _ reader: inout ByteReader) throws(WireError) -> [Bool] {
    let bytes: [UInt8] = try array(count, &reader)
    return bytes.map { $0 != 0 }
  }

  private static func offsets(_ rows: Int, _ reader: inout ByteReader) throws(WireError) -> [Int] {
    let lengths: [UInt32] = try array(rows, &reader)
    var offsets = [0]
    offsets.reserveCapacity(rows + 1)
    var end = 0
    for length in lengths {
      end += Int(length)
      offsets.append(end)
    }
    return offsets
  }
}
