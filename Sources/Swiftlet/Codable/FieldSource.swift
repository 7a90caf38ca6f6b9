/// Provides a record's fields to `Codable`. All forms share one adapter to `Decoder`.
protocol FieldSource: AnyObject {
  /// Whether the field is present and not null.
  func has(_ name: String) throws -> Bool
  func field<T: Decodable>(_ name: String, _ type: T.Type) throws -> T
  /// Returns nil if the field is missing or null.
  func optional<T: Decodable>(_ name: String, _ type: T.Type) throws -> T?
  /// Returns the single value that a type consists of, such as the raw value of an enum.
  func single<T: Decodable>(_ type: T.Type) throws -> T
  func singleIsNil() throws -> Bool
  /// Returns the error for something that this form cannot represent.
  func refusal(_ what: String) -> any Error
}

extension FieldSource {
  /// Creates a value of a type that takes its fields from this source. Errors found by the type itself (such as a raw value
  /// that matches no case of an enum) are reported like any other error in a record.
  func make<T: Decodable>(_ type: T.Type) throws -> T {
    do {
      return try T(from: SourceDecoder(source: self))
    } catch DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context), DecodingError.keyNotFound(_, let context)
    {
      throw RecordError(context.debugDescription)
    }
  }
}

/// A source that finds fields by name.
protocol NamedFieldSource: FieldSource {
  /// Returns nil if the field is missing.
  /// - Parameter type: For errors.
  func find(_ name: String, as type: Any.Type) throws -> FieldValue?
}

extension NamedFieldSource {
  func has(_ name: String) throws -> Bool {
    if case .null = try find(name, as: Any.self) ?? .null { false } else { true }
  }

  func field<T: Decodable>(_ name: String, _ type: T.Type) throws -> T {
    guard let value = try find(name, as: type) else {
      if (T.self as? any RecordForm.Type)?.isNullable == true { return try FieldValue.null.decode(type) }
      throw RecordError("field '\(name)' is missing")
    }
    return try naming(name) { try value.decode(type) }
  }

  func optional<T: Decodable>(_ name: String, _ type: T.Type) throws -> T? {
    guard let value = try find(name, as: type) else { return nil }
    if case .null = value { return nil }
    return try naming(name) { try value.decode(type) }
  }

  func singleIsNil() throws -> Bool { false }

  func refusal(_ what: String) -> any Error { RecordError("a record cannot hold \(what)") }

  private func naming<T>(_ name: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as RecordError {
      throw RecordError("field '\(name)': \(error.description)")
    }
  }
}

struct SourceDecoder<Source: FieldSource>: Decoder {
  let source: Source
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(KeyedSource<Key, Source>(source: source))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw source.refusal("a type that decodes itself from a list")
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleSource(source: source) }
}

private struct SingleSource<Source: FieldSource>: SingleValueDecodingContainer {
  let source: Source
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { (try? source.singleIsNil()) ?? false }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try source.single(type) }
}

private struct KeyedSource<Key: CodingKey, Source: FieldSource>: KeyedDecodingContainerProtocol {
  let source: Source
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) throws -> Bool { try !source.has(key.stringValue) }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try source.field(key.stringValue, type)
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? { try get(type, key) }
  // Without these, the library's default implementations make two lookups: one for presence, one for the value.
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try get(type, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try get(type, key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try get(type, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try get(type, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try get(type, key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try get(type, key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try get(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try get(type, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try get(type, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try get(type, key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try get(type, key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try get(type, key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try get(type, key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try get(type, key) }

  private func get<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
    try source.optional(key.stringValue, type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    throw source.refusal("an enum with payloads, or a nested container, at '\(key.stringValue)'")
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw source.refusal("a nested container at '\(key.stringValue)'")
  }

  func superDecoder() throws -> any Decoder { throw source.refusal("a decoder for a superclass") }
  func superDecoder(forKey key: Key) throws -> any Decoder { try superDecoder() }
}
