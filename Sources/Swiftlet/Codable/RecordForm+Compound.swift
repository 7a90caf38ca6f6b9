import Basics
import Columns
import Foundation
import Storage

extension Data: RecordForm {
  static func write(_ value: Data, to form: OrderedBytes) throws {
    value.withUnsafeBytes { form.put(text: $0) }
  }
  static func read(from form: OrderedReader) throws -> Data { Data(try form.text()) }
  static func field(_ value: Data) -> FieldValue { .bytes(Array(value)) }
  static func read(_ field: FieldValue) throws -> Data {
    switch field {
    case .bytes(let bytes): return Data(bytes)
    case .string(let text):
      if let value = Data(base64Encoded: text) { return value }
    default: break
    }
    throw RecordError("expected bytes, or text in base 64, found \(field)")
  }
  static func heapBytes(_ value: Data) -> Int {
    // Up to 14 bytes are stored inline; more need a storage object and its buffer.
    value.count > 14 ? value.count + 96 : 0
  }
  static var column: ColumnType? { .binary }
  static var sample: Data { Data() }
}

/// In files, a time is milliseconds since 1970 or ISO 8601 text. It is written as text in JSON and as a timestamp in Parquet.
extension Date: RecordForm {
  static func write(_ value: Date, to form: OrderedBytes) throws {
    try Double.write(value.timeIntervalSinceReferenceDate, to: form)
  }
  static func read(from form: OrderedReader) throws -> Date {
    Date(timeIntervalSinceReferenceDate: try Double.read(from: form))
  }
  static func field(_ value: Date) throws -> FieldValue {
    // A date counts from 2001: near 1970, a whole millisecond is read back as slightly less than was stored.
    let error = max(value.timeIntervalSinceReferenceDate.ulp, value.timeIntervalSince1970.ulp)
    guard let milliseconds = Int64(exactly: ((value.timeIntervalSince1970 + error) * 1000).rounded(.down))
    else {
      throw RecordError("a time out of range: \(value.timeIntervalSince1970) s")
    }
    return .time(milliseconds)
  }
  static func read(_ field: FieldValue) throws -> Date {
    switch field {
    case .time(let milliseconds), .integer(let milliseconds):
      return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    case .string(let text):
      if let milliseconds = ISO8601.milliseconds(text) {
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
      }
    default: break
    }
    throw RecordError("expected milliseconds since 1970 or a time like 2025-04-01T12:00:00Z, found \(field)")
  }
  static var column: ColumnType? { .timestampMillis }
  static var sample: Date { Date(timeIntervalSince1970: 0) }
}

extension Optional: RecordForm where Wrapped: Codable {
  static func write(_ value: Wrapped?, to form: OrderedBytes) throws {
    form.put(integer: UInt8(value == nil ? 0 : 1))
    if let value { try form.put(value) }
  }
  static func read(from form: OrderedReader) throws -> Wrapped? {
    try form.flag() ? try form.get(Wrapped.self) : nil
  }
  static func field(_ value: Wrapped?) throws -> FieldValue { try value.map { try FieldValue($0) } ?? .null }
  static func read(_ field: FieldValue) throws -> Wrapped? {
    if case .null = field { nil } else { try field.decode(Wrapped.self) }
  }
  static func heapBytes(_ value: Wrapped?) throws -> Int { try value.map { try HeapSize.of($0) } ?? 0 }
  static var column: ColumnType? { (Wrapped.self as? any RecordForm.Type)?.column }
  static var isNullable: Bool { true }
  static var sample: Wrapped? { nil }
}

extension Array: RecordForm where Element: Codable {
  static func write(_ value: [Element], to form: OrderedBytes) throws {
    for element in value {
      form.put(integer: UInt8(1))
      try form.put(element)
    }
    form.put(integer: UInt8(0))
  }
  static func read(from form: OrderedReader) throws -> [Element] {
    var value: [Element] = []
    while try form.flag() { value.append(try form.get(Element.self)) }
    return value
  }
  static func field(_ value: [Element]) throws -> FieldValue { .list(try value.map { try FieldValue($0) }) }
  static func read(_ field: FieldValue) throws -> [Element] {
    guard case .list(let items) = field else { throw RecordError("expected a list, found \(field)") }
    return try items.map { try $0.decode(Element.self) }
  }
  static func heapBytes(_ value: [Element]) throws -> Int {
    if value.capacity == 0 { return 0 }
    let own = 32 + value.capacity * MemoryLayout<Element>.stride
    return _isPOD(Element.self) ? own : try value.reduce(own) { try $0 + HeapSize.of($1) }
  }
  static var column: ColumnType? { nil }
  static var sample: [Element] { [] }
}

/// Unordered types are rejected: their form would differ from process to process.
protocol UnorderedForm: RecordForm {}

extension UnorderedForm {
  private static var refusal: RecordError {
    RecordError("a record cannot hold a dictionary or a set, which have no order; use an array of structs")
  }
  static func write(_ value: Self, to form: OrderedBytes) throws { throw refusal }
  static func read(from form: OrderedReader) throws -> Self { throw refusal }
  static func field(_ value: Self) throws -> FieldValue { throw refusal }
  static func read(_ field: FieldValue) throws -> Self { throw refusal }
  static var column: ColumnType? { nil }
}

extension Dictionary: RecordForm, UnorderedForm {
  static var sample: [Key: Value] { [:] }
}

extension Set: RecordForm, UnorderedForm {
  static var sample: Set<Element> { [] }
}
