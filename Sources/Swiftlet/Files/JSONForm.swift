import Basics
import Foundation

/// Strings and values as JSON text.
enum JSONForm {
  /// The text of a string that lies between two quotes.
  static func decoded(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws -> String {
    let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
    var text: String?
    if let start = raw.baseAddress, memchr(start, 0x5c, raw.count) != nil {
      text = String(validating: try unescaped(raw), as: UTF8.self)
    } else {
      text = validated(raw)
    }
    guard let text else { throw RecordError("a string that is not UTF-8") }
    return text
  }

  /// nil where the bytes are not UTF-8.
  static func validated(_ bytes: UnsafeRawBufferPointer) -> String? {
    var index = 0
    var high: UInt64 = 0
    while bytes.count - index >= 8 {
      high |= bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      index += 8
    }
    while index < bytes.count {
      high |= UInt64(bytes[index])
      index += 1
    }
    // Most text is ASCII, which need not be validated by the library's slow way.
    if high & 0x8080_8080_8080_8080 == 0 { return String(decoding: bytes, as: UTF8.self) }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func unescaped(_ raw: UnsafeRawBufferPointer) throws -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(raw.count)
    var index = 0
    while index < raw.count {
      guard raw[index] == 0x5c else {
        text.append(raw[index])
        index += 1
        continue
      }
      index += 2
      switch index <= raw.count ? raw[index - 1] : 0 {
      case UInt8(ascii: "\""): text.append(0x22)
      case UInt8(ascii: "\\"): text.append(0x5c)
      case UInt8(ascii: "/"): text.append(0x2f)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0c)
      case UInt8(ascii: "n"): text.append(0x0a)
      case UInt8(ascii: "r"): text.append(0x0d)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        guard let scalar = scalar(raw, &index) else { throw RecordError("a broken \\u escape in a string") }
        text.append(contentsOf: Array(String(Character(scalar)).utf8))
      default: throw RecordError("an unknown escape in a string")
      }
    }
    return text
  }

  /// The character of `\uXXXX`, or of a pair of surrogates, whose digits begin at `index`.
  private static func scalar(_ raw: UnsafeRawBufferPointer, _ index: inout Int) -> Unicode.Scalar? {
    guard let first = hexadecimal(raw, &index) else { return nil }
    guard 0xD800..<0xDC00 ~= first else { return Unicode.Scalar(first) }
    guard index + 2 <= raw.count, raw[index] == 0x5c, raw[index + 1] == UInt8(ascii: "u") else { return nil }
    index += 2
    guard let second = hexadecimal(raw, &index), 0xDC00..<0xE000 ~= second else { return nil }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }

  private static func hexadecimal(_ raw: UnsafeRawBufferPointer, _ index: inout Int) -> UInt32? {
    guard index + 4 <= raw.count else { return nil }
    var value: UInt32 = 0
    for byte in raw[index..<index + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    index += 4
    return value
  }

  /// Appends a value. NaN and infinities, which JSON does not have, become null.
  /// - Throws: ``RecordError`` for a time that ISO 8601 cannot express.
  static func write(_ value: FieldValue, to text: inout [UInt8]) throws {
    switch value {
    case .null: text += "null".utf8
    case .bool(let value): text += (value ? "true" : "false").utf8
    case .integer(let value): text += value.description.utf8
    case .unsigned(let value): text += value.description.utf8
    case .float(let value): text += (value.isFinite ? value.description : "null").utf8
    case .number(let value): text += (value.isFinite ? value.description : "null").utf8
    case .string(let value): write(value, to: &text)
    case .bytes(let bytes): write(Data(bytes).base64EncodedString(), to: &text)
    case .time(let milliseconds):
      guard let time = ISO8601.text(milliseconds: milliseconds) else {
        throw RecordError(
          "a time outside of the years 0000 to 9999 (\(milliseconds) ms since 1970) has no JSON form")
      }
      write(time, to: &text)
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
        write(field.name, to: &text)
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

  private static func write(_ string: String, to text: inout [UInt8]) {
    text.append(0x22)
    for byte in string.utf8 {
      switch byte {
      case 0x22, 0x5c: text += [0x5c, byte]
      case 0x0a: text += "\\n".utf8
      case 0x0d: text += "\\r".utf8
      case 0x09: text += "\\t".utf8
      case 0..<0x20:
        text += "\\u00".utf8
        text += [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
      default: text.append(byte)
      }
    }
    text.append(0x22)
  }

  private static let hexDigits = Array("0123456789abcdef".utf8)
}
