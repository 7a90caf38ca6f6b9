/// Receives a record's fields from `Codable`. All forms share one adapter to `Encoder`.
protocol FieldSink: AnyObject {
  /// Receives a field of a struct; called in the order of `encode(to:)`.
  func field<T: Encodable>(_ name: String, _ value: T) throws
  func optional<T: Encodable>(_ name: String, _ value: T?) throws
  /// Receives an explicitly encoded nil whose wrapped type is unknown.
  func missing(_ name: String) throws
  /// Receives the single value that a type consists of, such as the raw value of an enum.
  func single<T: Encodable>(_ value: T) throws
  func singleNil() throws
  /// Records that this form cannot represent the record: `Codable` does not allow containers to throw when they are created.
  func refuse(_ what: String)
}

extension FieldSink {
  /// Takes the fields of a value.
  func take(_ value: some Encodable) throws {
    do {
      try value.encode(to: SinkEncoder(sink: self))
    } catch EncodingError.invalidValue(_, let context) {
      throw RecordError(context.debugDescription)
    }
  }
}

struct SinkEncoder<Sink: FieldSink>: Encoder {
  let sink: Sink
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(KeyedFields<Key, Sink>(sink: sink))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    sink.refuse("a type that encodes itself as a list")
    return ListedFields(sink: sink)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { SingleField(sink: sink) }
}

private struct SingleField<Sink: FieldSink>: SingleValueEncodingContainer {
  let sink: Sink
  var codingPath: [any CodingKey] { [] }

  func encodeNil() throws { try sink.singleNil() }
  func encode<T: Encodable>(_ value: T) throws { try sink.single(value) }
}

private struct KeyedFields<Key: CodingKey, Sink: FieldSink>: KeyedEncodingContainerProtocol {
  let sink: Sink
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) throws { try sink.missing(key.stringValue) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try sink.field(key.stringValue, value) }

  func encodeIfPresent<T: Encodable>(_ value: T?, forKey key: Key) throws { try put(value, key) }
  // Without these, the library's default implementations omit an optional field that is nil.
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try put(value, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try put(value, key) }

  private func put<T: Encodable>(_ value: T?, _ key: Key) throws { try sink.optional(key.stringValue, value) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    sink.refuse("an enum with payloads or without a raw type, or a nested container, at '\(key.stringValue)'")
    return KeyedEncodingContainer(KeyedFields<Nested, Sink>(sink: sink))
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    sink.refuse("a nested container at '\(key.stringValue)'")
    return ListedFields(sink: sink)
  }

  func superEncoder() -> any Encoder {
    sink.refuse("an encoder for a superclass")
    return SinkEncoder(sink: sink)
  }

  func superEncoder(forKey key: Key) -> any Encoder { superEncoder() }
}

/// Its creator has already refused the record; the rest of `encode(to:)` runs to its end without effect.
private struct ListedFields<Sink: FieldSink>: UnkeyedEncodingContainer {
  let sink: Sink
  var codingPath: [any CodingKey] { [] }
  var count: Int { 0 }

  func encodeNil() throws {}
  func encode<T: Encodable>(_ value: T) throws {}
  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    KeyedEncodingContainer(KeyedFields<Nested, Sink>(sink: sink))
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self }
  func superEncoder() -> any Encoder { SinkEncoder(sink: sink) }
}
