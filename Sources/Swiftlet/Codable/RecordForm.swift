import Columns
import Storage

/// Types with their own forms, which replace the forms that `encode(to:)` would produce.
protocol RecordForm {
  /// Writes the byte form; see ``RecordBytes``.
  static func write(_ value: Self, to form: OrderedBytes) throws
  static func read(from form: OrderedReader) throws -> Self
  /// Returns the value as a field of a file.
  static func field(_ value: Self) throws -> FieldValue
  static func read(_ field: FieldValue) throws -> Self
  /// The type as a column of a table; nil if a flat table cannot represent it.
  static var column: ColumnType? { get }
  static var isNullable: Bool { get }
  /// Approximate heap memory of the value, in bytes. Default: 0.
  static func heapBytes(_ value: Self) throws -> Int
  /// An arbitrary value, used to discover the fields of a type.
  static var sample: Self { get }
}

extension RecordForm {
  static var isNullable: Bool { false }
  static func heapBytes(_ value: Self) throws -> Int { 0 }
}

extension RecordForm where Self: FixedWidthInteger {
  static func write(_ value: Self, to form: OrderedBytes) throws { form.put(integer: value) }
  static func read(from form: OrderedReader) throws -> Self { try form.integer() }

  static func field(_ value: Self) throws -> FieldValue {
    if let value = Int64(exactly: value) {
      .integer(value)
    } else {
      .unsigned(UInt64(truncatingIfNeeded: value))
    }
  }

  static func read(_ field: FieldValue) throws -> Self {
    let value: Self? =
      switch field {
      case .integer(let value), .time(let value): Self(exactly: value)
      case .unsigned(let value): Self(exactly: value)
      // 5.0 is an integer. Above 2⁵³ the number may have become an integer only through rounding.
      case .number(let value): value.magnitude <= 0x1p53 ? Self(exactly: value) : nil
      default: nil
      }
    guard let value else {
      let range =
        Self.bitWidth == 64 && isSigned ? "an integer" : "an integer from \(Self.min) to \(Self.max)"
      throw RecordError("expected \(range), found \(field)")
    }
    return value
  }

  static var column: ColumnType? { bitWidth < 32 || bitWidth == 32 && isSigned ? .int32 : .int64 }
  static var sample: Self { 0 }
}

extension Int: RecordForm {}
extension Int8: RecordForm {}
extension Int16: RecordForm {}
extension Int32: RecordForm {}
extension Int64: RecordForm {}
extension UInt: RecordForm {}
extension UInt8: RecordForm {}
extension UInt16: RecordForm {}
extension UInt32: RecordForm {}
extension UInt64: RecordForm {}

extension Bool: RecordForm {
  static func write(_ value: Bool, to form: OrderedBytes) throws { form.put(integer: UInt8(value ? 1 : 0)) }
  static func read(from form: OrderedReader) throws -> Bool { try form.flag() }
  static func field(_ value: Bool) -> FieldValue { .bool(value) }
  static func read(_ field: FieldValue) throws -> Bool {
    guard case .bool(let value) = field else { throw RecordError("expected true or false, found \(field)") }
    return value
  }
  static var column: ColumnType? { .bool }
  static var sample: Bool { false }
}

extension Double: RecordForm {
  static func write(_ value: Double, to form: OrderedBytes) throws {
    form.put(number: value)
  }
  static func read(from form: OrderedReader) throws -> Double {
    let bits = try form.integer(UInt64.self)
    return Double(bitPattern: bits >> 63 == 0 ? ~bits : bits & ~(1 << 63))
  }
  static func field(_ value: Double) -> FieldValue { .number(value) }
  static func read(_ field: FieldValue) throws -> Double {
    switch field {
    case .integer(let value): return Double(value)
    case .unsigned(let value): return Double(value)
    case .number(let value): return value
    default: throw RecordError("expected a number, found \(field)")
    }
  }
  static var column: ColumnType? { .double }
  static var sample: Double { 0 }
}

extension Float: RecordForm {
  static func write(_ value: Float, to form: OrderedBytes) throws {
    form.put(number: value)
  }
  static func read(from form: OrderedReader) throws -> Float {
    let bits = try form.integer(UInt32.self)
    return Float(bitPattern: bits >> 31 == 0 ? ~bits : bits & ~(1 << 31))
  }
  static func field(_ value: Float) -> FieldValue { .float(value) }
  static func read(_ field: FieldValue) throws -> Float {
    if case .float(let value) = field { value } else { Float(try Double.read(field)) }
  }
  static var column: ColumnType? { .float }
  static var sample: Float { 0 }
}

extension String: RecordForm {
  static func write(_ value: String, to form: OrderedBytes) throws {
    var value = value
    value.withUTF8 { form.put(text: UnsafeRawBufferPointer($0)) }
  }
  static func read(from form: OrderedReader) throws -> String {
    guard let text = String(validating: try form.text(), as: UTF8.self) else {
      throw RecordError("text that is not UTF-8")
    }
    return text
  }
  static func field(_ value: String) -> FieldValue { .string(value) }
  static func read(_ field: FieldValue) throws -> String {
    switch field {
    case .string(let value): return value
    case .bytes(let bytes):
      guard let value = String(validating: bytes, as: UTF8.self) else {
        throw RecordError("expected text, found bytes that are not UTF-8")
      }
      return value
    default: throw RecordError("expected text, found \(field)")
    }
  }
  static func heapBytes(_ value: String) -> Int {
    // Up to 15 bytes are stored inline.
    value.utf8.count > 15 ? value.utf8.count + 32 : 0
  }
  static var column: ColumnType? { .string }
  static var sample: String { "" }
}
