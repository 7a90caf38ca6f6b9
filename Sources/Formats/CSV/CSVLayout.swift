import Basics

/// How the records of one CSV file are written: bytes with a meaning, and the names of its columns.
package struct CSVLayout: Hashable, Sendable, WireCodable {
  package var dialect: CSVDialect
  package var names: [String]
  /// Offset of the first record in the text: after the byte order mark, skipped lines and the header.
  package var start: Int64
  /// Lines before the first record.
  package var lines: Int

  package init(dialect: CSVDialect, names: [String], start: Int64, lines: Int) {
    self.dialect = dialect
    self.names = names
    self.start = start
    self.lines = lines
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    dialect = try reader.value()
    let count = try reader.count()
    names = []
    while names.count < count { names.append(try reader.string()) }
    start = try reader.signed()
    lines = try reader.count()
    guard start >= 0 else { throw .invalid("records from byte \(start)") }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(dialect)
    writer.count(names.count)
    for name in names { writer.string(name) }
    writer.signed(start)
    writer.count(lines)
  }
}

/// The bytes with a meaning in a CSV file. A record ends with LF, CR or CRLF.
package struct CSVDialect: Hashable, Sendable, WireCodable {
  package var delimiter: UInt8
  /// nil if nothing is quoted. Inside quotes, a doubled quote stands for one.
  package var quote: UInt8?
  /// Inside quotes, the byte after it stands for itself. nil if only quotes are escaped, by doubling.
  package var escape: UInt8?
  package var comment: UInt8?

  package init(
    delimiter: UInt8 = UInt8(ascii: ","), quote: UInt8? = UInt8(ascii: "\""), escape: UInt8? = nil,
    comment: UInt8? = nil
  ) {
    self.delimiter = delimiter
    self.quote = quote
    self.escape = escape
    self.comment = comment
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      delimiter: try reader.integer(), quote: try CSVOptions.byte(&reader),
      escape: try CSVOptions.byte(&reader), comment: try CSVOptions.byte(&reader))
  }

  package func encode(to writer: inout ByteWriter) {
    writer.integer(delimiter)
    for byte in [quote, escape, comment] { CSVOptions.encode(byte, &writer) }
  }
}
