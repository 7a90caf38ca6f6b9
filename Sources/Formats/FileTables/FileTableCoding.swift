// The byte form of file tables, for plans on their way to workers.
import Basics
import Columns

extension FileTable: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      fields: try reader.list(), splits: try reader.list(), options: try reader.value(),
      bytes: try reader.signed())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.list(fields)
    writer.list(splits)
    writer.value(options)
    writer.signed(bytes)
  }

  /// The same table without its splits, for tasks that get one split each.
  package var withoutSplits: FileTable {
    FileTable(fields: fields, splits: [], options: options, bytes: bytes)
  }
}

extension FileTableSplit: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(split: try reader.value(), folders: try reader.list(), layout: try reader.optional())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(split)
    writer.list(folders)
    writer.optional(layout)
  }
}

extension FolderValue: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(name: try reader.string(), value: try reader.value())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(name)
    writer.value(value)
  }
}

extension FileTableOptions: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init()
    format = try reader.bool() ? try reader.string() : nil
    columns = try reader.bool() ? try reader.list() : nil
    infersMore = try reader.bool()
    maxRejectedShare = try reader.double()
    rejectedCap = try reader.count()
    csv = try reader.value()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.bool(format != nil)
    if let format { writer.string(format) }
    writer.bool(columns != nil)
    if let columns { writer.list(columns) }
    writer.bool(infersMore)
    writer.double(maxRejectedShare)
    writer.count(rejectedCap)
    writer.value(csv)
  }
}

extension CSVOptions: WireCodable {
  package init(from reader: inout ByteReader) throws(WireError) {
    self.init()
    header = try reader.bool() ? try reader.bool() : nil
    delimiter = try CSVOptions.byte(&reader)
    quote = try CSVOptions.byte(&reader)
    escape = try CSVOptions.byte(&reader)
    null = try reader.bool() ? try reader.string() : nil
    comment = try CSVOptions.byte(&reader)
    skip = try reader.count()
  }

  package func encode(to writer: inout ByteWriter) {
    writer.bool(header != nil)
    if let header { writer.bool(header) }
    for byte in [delimiter, quote, escape] { CSVOptions.encode(byte, &writer) }
    writer.bool(null != nil)
    if let null { writer.string(null) }
    CSVOptions.encode(comment, &writer)
    writer.count(max(0, skip))
  }

  static func byte(_ reader: inout ByteReader) throws(WireError) -> UInt8? {
    try reader.bool() ? try reader.integer() : nil
  }

  static func encode(_ byte: UInt8?, _ writer: inout ByteWriter) {
    writer.bool(byte != nil)
    if let byte { writer.integer(byte) }
  }
}
