import Foundation

/// The byte form of records. It keeps order: for two values of a type, the form of the smaller one is lexicographically
/// smaller, field by field in the order of declaration, `nil` first. No form is the beginning of another of its type.
///
/// Integers are big-endian with the sign bit turned, floating-point numbers IEEE 754 bits likewise, strings their UTF-8 with 0 as
/// 00 FF and 00 00 at the end, optionals and array elements follow a 1, and a 0 stands for nil and for the end.
/// Operators of one's own may use it for parameters, inputs and results.
public enum RecordBytes {
  /// - Throws: ``RecordError`` for a type that has no such form.
  public static func encode(_ record: some Encodable) throws -> [UInt8] {
    let form = OrderedBytes()
    try form.put(record)
    return form.bytes
  }

  /// - Throws: ``RecordError`` where the bytes are not exactly one value of the type.
  public static func decode<T: Decodable>(_ type: T.Type = T.self, from bytes: [UInt8]) throws -> T {
    try bytes.withUnsafeBytes { try decode(type, from: $0) }
  }

  static func decode<T: Decodable>(
    _ type: T.Type = T.self, from bytes: UnsafeRawBufferPointer
  ) throws -> T {
    let reader = OrderedReader(bytes)
    let value = try reader.get(type)
    guard reader.isAtEnd else { throw RecordError("bytes after the end of a \(typeName(type))") }
    return value
  }
}
