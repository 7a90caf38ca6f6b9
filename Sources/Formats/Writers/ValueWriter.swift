import Basics
import Columns

/// Appends one value of a column as text.
enum ValueWriter {
  /// - Returns: false for a null; nothing is appended then.
  static func plain(_ column: Column, _ row: Int, _ type: ColumnType, to text: inout [UInt8]) -> Bool {
    if column.isNull(row) { return false }
    switch (column.values, type) {
    case (.int64(let values), .int64): append(values[row], to: &text)
    case (.int32(let values), .int32), (.int32(let values), .int16): append(Int64(values[row]), to: &text)
    case (.bytes(let strings), .string), (.bytes(let strings), .json):
      text += strings.bytes[strings.offsets[row]..<strings.offsets[row + 1]]
    default: text += PlainValueText.text(column.scalar(row, type), type).utf8
    }
    return true
  }

  static func json(_ column: Column, _ row: Int, _ type: ColumnType, to text: inout [UInt8]) {
    if column.isNull(row) {
      text += "null".utf8
      return
    }
    switch (column.values, type) {
    case (.int64(let values), .int64): append(values[row], to: &text)
    case (.int32(let values), .int32), (.int32(let values), .int16): append(Int64(values[row]), to: &text)
    case (.bytes(let strings), .json):
      // Line ends are white space: JSON strings hold none.
      text += strings.bytes[strings.offsets[row]..<strings.offsets[row + 1]].lazy.map {
        $0 == 0x0a || $0 == 0x0d ? 0x20 : $0
      }
    case (.bytes(let strings), .string): JSONText.append(strings[row], to: &text)
    default: text += PlainValueText.json(column.scalar(row, type), type).utf8
    }
  }

  private static func append(_ value: Int64, to text: inout [UInt8]) {
    if value < 0 { text.append(UInt8(ascii: "-")) }
    var rest = value.magnitude
    let start = text.count
    repeat {
      text.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    text[start...].reverse()
  }
}
