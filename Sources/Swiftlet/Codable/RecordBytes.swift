import Foundation

/// The byte form of records. It preserves order: for two values of a type, the form of the smaller one is lexicographically
/// smaller, field by field in declaration order, with `nil` first. No form is a prefix of another form of the same type.
///
/// Integers are big-endian with the sign bit flipped. Floating-point numbers are IEEE 754 bits, transformed likewise. Strings
/// are UTF-8, with 0 escaped as 00 FF and 00 00 at the end. Optionals and array elements follow a 1; a 0 stands for nil and for
/// the end of an array. Custom operators may use it for parameters, inputs and results.
public enum RecordBytes {
  /// - Throws: ``RecordError`` for a type that has no byte form.
  public static func encode(_ record: some Encodable) throws -> [UInt8] {
    let form = OrderedBytes()
    try form.put(record)
    return form.bytes
  }

  /// - Throws: ``RecordError`` if the bytes are not exactly one value of the type.
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
