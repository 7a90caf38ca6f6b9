import Basics

/// A field of a record as stored in files.
enum FieldValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// A value above `Int64.max`.
  case unsigned(UInt64)
  case float(Float)
  case number(Double)
  case string(String)
  /// A value of a binary column; base64 text in JSON.
  case bytes([UInt8])
  /// Milliseconds since 1970 UTC.
  case time(Int64)
  case list([FieldValue])
  /// In field order.
  case record([(name: String, value: FieldValue)])

  init<T: Encodable>(_ value: T) throws {
    if let form = T.self as? any RecordForm.Type {
      self = try FieldValue(value, as: form)
    } else {
      let tree = FieldTree()
      try tree.take(value)
      if let refused = tree.refused {
        throw RecordError("\(typeName(T.self)): a record cannot hold \(refused)")
      }
      self = tree.single ?? .record(tree.fields)
    }
  }

  /// `F` is the same type as `T`.
  private init<F: RecordForm, T>(_ value: T, as form: F.Type) throws {
    self = try form.field(unsafeBitCast(value, to: F.self))
  }

  func decode<T: Decodable>(_ type: T.Type) throws -> T {
    // The common types, found by comparing metatypes: a cast to a protocol costs ten times as much.
    if T.self == String.self { return unsafeBitCast(try String.read(self), to: T.self) }
    if T.self == Int.self { return unsafeBitCast(try Int.read(self), to: T.self) }
    if let form = T.self as? any RecordForm.Type { return try decode(as: form) }
    return try FieldTree(self).make(type)
  }

  private func decode<F: RecordForm, T>(as form: F.Type) throws -> T {
    unsafeBitCast(try form.read(self), to: T.self)
  }
}

extension FieldValue: CustomStringConvertible {
  /// For errors; truncated if long.
  var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value), .time(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .float(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value.count > 60 ? "\"\(value.prefix(60))…\"" : "\"\(value)\""
    case .bytes(let value): "\(value.count) bytes"
    case .list: "a list"
    case .record: "an object"
    }
  }
}

/// A record as a tree of fields, for both encoding and decoding.
final class FieldTree: FieldSink, NamedFieldSource {
  private(set) var fields: [(name: String, value: FieldValue)] = []
  private(set) var single: FieldValue?
  private(set) var refused: String?

  init() {}

  init(_ value: FieldValue) {
    if case .record(let fields) = value { self.fields = fields } else { single = value }
  }

  func field<T: Encodable>(_ name: String, _ value: T) throws { fields.append((name, try FieldValue(value))) }
  func optional<T: Encodable>(_ name: String, _ value: T?) throws {
    fields.append((name, try value.map { try FieldValue($0) } ?? .null))
  }
  func missing(_ name: String) throws { fields.append((name, .null)) }
  func single<T: Encodable>(_ value: T) throws { single = try FieldValue(value) }
  func singleNil() throws { single = .null }
  func refuse(_ what: String) { if refused == nil { refused = what } }

  // MARK: FieldSource

  func find(_ name: String, as type: Any.Type) throws -> FieldValue? {
    if let single { throw RecordError("expected an object, found \(single)") }
    return fields.last { $0.name.hasSameBytes(as: name) }?.value
  }

  func single<T: Decodable>(_ type: T.Type) throws -> T { try (single ?? .record(fields)).decode(type) }

  func singleIsNil() throws -> Bool { if case .null? = single { true } else { false } }
}
