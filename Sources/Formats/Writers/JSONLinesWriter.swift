import Basics
import Columns
import Storage

/// Writes batches as JSON Lines: one object on each line, or as the items of one array. Integers and finite doubles are numbers,
/// decimals, times, NaN and infinities text, JSON is itself, bytes are `\x…`.
package final class JSONLinesWriter {
  private let sink: any ByteSink
  private let types: [ColumnType]
  /// `"name":`, with a comma before all but the first.
  private let keys: [[UInt8]]
  private let isArray: Bool
  private var isFirst = true
  private var text: [UInt8] = []

  /// - Parameter isArray: Write one array of objects. ``finish()`` ends it.
  package init(_ sink: any ByteSink, _ fields: [ColumnField], isArray: Bool = false) {
    self.sink = sink
    self.isArray = isArray
    types = fields.map(\.type)
    keys = fields.enumerated().map { Array((($0 > 0 ? "," : "") + JSONText.quoted($1.name) + ":").utf8) }
  }

  package func write(_ batch: ColumnBatch) throws {
    for row in 0..<batch.rows {
      if isArray { text += (isFirst ? "[" : ",\n").utf8 }
      isFirst = false
      text.append(UInt8(ascii: "{"))
      for (index, column) in batch.columns.enumerated() {
        text += keys[index]
        ValueWriter.json(column, row, types[index], to: &text)
      }
      text.append(UInt8(ascii: "}"))
      if !isArray { text.append(0x0a) }
      if text.count > 1 << 16 { try flush() }
    }
    try flush()
  }

  /// Ends the array. Does not close the sink.
  package func finish() throws {
    if isArray { text += (isFirst ? "[]\n" : "]\n").utf8 }
    try flush()
  }

  private func flush() throws {
    try text.withUnsafeBytes { try sink.write($0) }
    text.removeAll(keepingCapacity: true)
  }
}
