import Basics
import Columns
import Storage

/// Writes batches as CSV (RFC 4180): a header, fields in quotes where they need them, null as nothing, empty text as `""`.
package final class CSVWriter {
  private let sink: any ByteSink
  private let fields: [ColumnField]
  private let delimiter: UInt8
  private var needsHeader: Bool
  private var text: [UInt8] = []

  package init(
    _ sink: any ByteSink, _ fields: [ColumnField], header: Bool = true, delimiter: UInt8 = UInt8(ascii: ",")
  ) {
    self.sink = sink
    self.fields = fields
    self.delimiter = delimiter
    needsHeader = header
  }

  package func write(_ batch: ColumnBatch) throws {
    writeHeader()
    for row in 0..<batch.rows {
      for (index, column) in batch.columns.enumerated() {
        if index > 0 { text.append(delimiter) }
        let start = text.count
        guard ValueWriter.plain(column, row, fields[index].type, to: &text) else { continue }
        quote(from: start)
      }
      text.append(0x0a)
      if text.count > 1 << 16 { try flush() }
    }
    try flush()
  }

  /// Writes the header if there was no batch. Does not close the sink.
  package func finish() throws {
    writeHeader()
    try flush()
  }

  private func writeHeader() {
    guard needsHeader else { return }
    needsHeader = false
    for (index, field) in fields.enumerated() {
      if index > 0 { text.append(delimiter) }
      let start = text.count
      text += field.name.utf8
      quote(from: start)
    }
    text.append(0x0a)
  }

  /// Puts the field that begins at `start` in quotes if it is empty, or holds a delimiter, a quote or a line end.
  private func quote(from start: Int) {
    let mark = UInt8(ascii: "\"")
    let field = text[start...]
    guard
      field.isEmpty || field.contains(where: { $0 == delimiter || $0 == mark || $0 == 0x0a || $0 == 0x0d })
    else { return }
    var quoted = [mark]
    for byte in field {
      if byte == mark { quoted.append(mark) }
      quoted.append(byte)
    }
    quoted.append(mark)
    text.replaceSubrange(start..., with: quoted)
  }

  private func flush() throws {
    try text.withUnsafeBytes { try sink.write($0) }
    text.removeAll(keepingCapacity: true)
  }
}
