import Basics
import CKernels

/// How values are written in a text format.
enum TextStyle: Sendable {
  /// - Parameter null: The text of a null, beside the empty unquoted field.
  case csv(CSVDialect, null: [UInt8])
  case json
}

extension swiftlet_cell {
  static let quoted = UInt32(SWIFTLET_CELL_QUOTED.rawValue)
  static let escaped = UInt32(SWIFTLET_CELL_ESCAPED.rawValue)
  static let null = UInt32(SWIFTLET_CELL_NULL.rawValue)

  var count: Int { Int(length & ~UInt32(SWIFTLET_CELL_FLAGS.rawValue)) }
  var isQuoted: Bool { length & swiftlet_cell.quoted != 0 }
  var isEscaped: Bool { length & swiftlet_cell.escaped != 0 }
}

extension TextStyle {
  /// Whether the value is null for a column of text (`isText`), or of another type. An empty field in quotes is empty text, but
  /// there is no empty number.
  @inline(__always)
  func isNull(_ cell: swiftlet_cell, _ base: UnsafePointer<UInt8>, isText: Bool) -> Bool {
    guard case .csv(_, let null) = self else { return cell.length & swiftlet_cell.null != 0 }
    // A column that the file lacks has cells without a value.
    if cell.length == 0 || cell.length & swiftlet_cell.null != 0 { return true }
    if cell.length == swiftlet_cell.quoted { return !isText }
    return !null.isEmpty && !cell.isQuoted && cell.count == null.count
      && UnsafeBufferPointer(start: base + Int(cell.start), count: cell.count).elementsEqual(null)
  }

  /// Appends the text of a value without its escapes.
  /// - Returns: false if an escape is broken.
  func unescape(_ cell: swiftlet_cell, _ base: UnsafePointer<UInt8>, into text: inout [UInt8]) -> Bool {
    let raw = UnsafeRawBufferPointer(start: base + Int(cell.start), count: cell.count)
    switch self {
    case .json:
      guard let string = try? JSONScanner(raw).decoded(0..<raw.count) else { return false }
      text.append(contentsOf: string.utf8)
    case .csv(let dialect, _):
      var index = 0
      var isInside = true
      while index < raw.count {
        let byte = raw[index]
        if isInside, byte == dialect.escape, byte != dialect.quote, index + 1 < raw.count {
          text.append(raw[index + 1])
          index += 2
        } else if isInside, byte == dialect.quote {
          if index + 1 < raw.count, raw[index + 1] == byte {
            text.append(byte)
            index += 2
          } else {
            isInside = false
            index += 1
          }
        } else {
          text.append(byte)
          index += 1
        }
      }
    }
    return true
  }
}
