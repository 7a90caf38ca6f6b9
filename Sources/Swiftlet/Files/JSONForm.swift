import Basics
import Foundation

/// Converts field values to and from JSON.
enum JSONForm {
  /// Reads the value at the scanner's position.
  static func read(_ scanner: inout JSONScanner, depth: Int = 0) throws -> FieldValue {
    try scanner.checkDepth(depth)
    switch scanner.peek {
    case UInt8(ascii: "\""): return .string(try scanner.decoded(try scanner.string()))
    case UInt8(ascii: "{"):
      var fields: [(name: String, value: FieldValue)] = []
      try scanner.object { scanner, name in
        fields.append((try scanner.decoded(name), try read(&scanner, depth: depth + 1)))
      }
      return .record(fields)
    case UInt8(ascii: "["):
      var items: [FieldValue] = []
      try scanner.array { items.append(try read(&$0, depth: depth + 1)) }
      return .list(items)
    default:
      switch try scanner.scalar() {
      case .null: return .null
      case .bool(let value): return .bool(value)
      case .integer(let value): return .integer(value)
      case .unsigned(let value): return .unsigned(value)
      case .number(let value): return .number(value)
      }
    }
  }

  /// Appends a value. NaN and infinities do not exist in JSON and become null.
  /// - Throws: ``RecordError`` for a time that ISO 8601 cannot express.
  static func write(_ value: FieldValue, to text: inout [UInt8]) throws {
    switch value {
    case .null: text += "null".utf8
    case .bool(let value): text += (value ? "true" : "false").utf8
    case .integer(let value): text += value.description.utf8
    case .unsigned(let value): text += value.description.utf8
    case .float(let value): text += (value.isFinite ? value.description : "null").utf8
    case .number(let value): text += (value.isFinite ? value.description : "null").utf8
    case .string(let value): JSONText.append(value, to: &text)
    case .bytes(let bytes): JSONText.append(Data(bytes).base64EncodedString(), to: &text)
    case .time(let milliseconds):
      guard ISO8601.range.contains(milliseconds) else {
        throw RecordError(
          "a time outside of the years 0000 to 9999 (\(milliseconds) ms since 1970) has no JSON form")
      }
      JSONText.append(ISO8601.text(milliseconds), to: &text)
    case .list(let items):
      text.append(0x5b)
      for (index, item) in items.enumerated() {
        if index > 0 { text.append(0x2c) }
        try write(item, to: &text)
      }
      text.append(0x5d)
    case .record(let fields):
      text.append(0x7b)
      for (index, field) in fields.enumerated() {
        if index > 0 { text.append(0x2c) }
        JSONText.append(field.name, to: &text)
        text.append(0x3a)
        do {
          try write(field.value, to: &text)
        } catch let error as RecordError {
          throw RecordError("field '\(field.name)': \(error.description)")
        }
      }
      text.append(0x7d)
    }
  }
}
