import Glibc

/// Writes the byte form of records; see ``RecordBytes``. Not thread-safe; the memory is reused.
final class OrderedBytes: FieldSink {
  private(set) var bytes: [UInt8] = []
  private var refused: String?
  private let isForKeys: Bool

  /// - Parameter forKeys: Whether equal numbers get the same form: −0.0 is written as 0.0, and every NaN as the same NaN.
  init(forKeys: Bool = false) { isForKeys = forKeys }

  func removeAll() { bytes.removeAll(keepingCapacity: true) }

  /// Inverts all bytes, which reverses the order.
  func invert() { for index in bytes.indices { bytes[index] = ~bytes[index] } }

  func put<T: Encodable>(_ value: T) throws {
    // The common types, found by comparing metatypes: a cast to a protocol costs ten times as much.
    if T.self == String.self {
      try String.write(unsafeBitCast(value, to: String.self), to: self)
    } else if T.self == Int.self {
      put(integer: unsafeBitCast(value, to: Int.self))
    } else if let form = T.self as? any RecordForm.Type {
      try put(value, as: form)
    } else {
      try take(value)
      if let refused { throw RecordError("\(typeName(T.self)): a record cannot hold \(refused)") }
    }
  }

  /// `F` is the same type as `T`.
  private func put<F: RecordForm, T>(_ value: T, as form: F.Type) throws {
    try form.write(unsafeBitCast(value, to: F.self), to: self)
  }

  func put<I: FixedWidthInteger>(integer: I) {
    let ordered = I.isSigned ? integer ^ I.min : integer
    withUnsafeBytes(of: ordered.bigEndian) { bytes.append(contentsOf: $0) }
  }

  func put(number value: Double) {
    let value = isForKeys ? OrderedBytes.canonical(value) : value
    put(integer: value.sign == .minus ? ~value.bitPattern : value.bitPattern | 1 << 63)
  }

  func put(number value: Float) {
    let value = isForKeys ? OrderedBytes.canonical(value) : value
    put(integer: value.sign == .minus ? ~value.bitPattern : value.bitPattern | 1 << 31)
  }

  private static func canonical<F: BinaryFloatingPoint>(_ value: F) -> F {
    value == 0 ? 0 : value.isNaN ? .nan : value
  }

  func put(text: UnsafeRawBufferPointer) {
    var rest = text
    while let start = rest.baseAddress, let zero = memchr(start, 0, rest.count) {
      let index = UnsafeRawPointer(zero) - start
      bytes.append(contentsOf: rest[...index])
      bytes.append(0xff)
      rest = UnsafeRawBufferPointer(rebasing: rest[(index + 1)...])
    }
    bytes.append(contentsOf: rest)
    bytes.append(0)
    bytes.append(0)
  }

  // MARK: FieldSink (names are ignored)

  func field<T: Encodable>(_ name: String, _ value: T) throws { try put(value) }

  func optional<T: Encodable>(_ name: String, _ value: T?) throws {
    put(integer: UInt8(value == nil ? 0 : 1))
    if let value { try put(value) }
  }

  func missing(_ name: String) throws {
    refuse("a nil written by encodeNil at '\(name)'; use encodeIfPresent")
  }
  func single<T: Encodable>(_ value: T) throws { try put(value) }
  func singleNil() throws { refuse("a type that encodes itself as nil") }
  func refuse(_ what: String) { if refused == nil { refused = what } }
}

/// Reads the output of ``OrderedBytes``. The bytes may come from a broken peer, so every read is checked. The caller owns the
/// memory, which must outlive the reader.
final class OrderedReader: FieldSource {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0
  /// Nesting depth; malformed input must not exhaust the stack.
  private var depth = 0
  private static let depthLimit = 64

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  func get<T: Decodable>(_ type: T.Type) throws -> T {
    if T.self == String.self { return unsafeBitCast(try String.read(from: self), to: T.self) }
    if T.self == Int.self { return unsafeBitCast(try integer(Int.self), to: T.self) }
    depth += 1
    defer { depth -= 1 }
    guard depth <= OrderedReader.depthLimit else { throw RecordError("a record nested over 64 levels deep") }
    if let form = T.self as? any RecordForm.Type { return try get(as: form) }
    return try make(type)
  }

  private func get<F: RecordForm, T>(as form: F.Type) throws -> T {
    unsafeBitCast(try form.read(from: self), to: T.self)
  }

  func integer<I: FixedWidthInteger>(_ type: I.Type = I.self) throws -> I {
    let size = MemoryLayout<I>.size
    guard bytes.count - position >= size else { throw truncated }
    let value = I(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: I.self))
    position += size
    return I.isSigned ? value ^ I.min : value
  }

  func flag() throws -> Bool {
    switch try integer(UInt8.self) {
    case 0: return false
    case 1: return true
    case let other: throw RecordError("byte \(other) where 0 or 1 was expected")
    }
  }

  func text() throws -> [UInt8] {
    var text: [UInt8] = []
    while true {
      guard let base = bytes.baseAddress, position < bytes.count,
        let zero = memchr(base + position, 0, bytes.count - position)
      else { throw truncated }
      let index = UnsafeRawPointer(zero) - base
      guard index + 1 < bytes.count else { throw truncated }
      text.append(contentsOf: bytes[position..<index])
      position = index + 2
      switch bytes[index + 1] {
      case 0: return text
      case 0xff: text.append(0)
      case let other: throw RecordError("byte \(other) after a zero in a text")
      }
    }
  }

  private var truncated: RecordError { RecordError("bytes end in the middle of a record") }

  // MARK: FieldSource

  func has(_ name: String) throws -> Bool {
    throw refusal("a nil read by decodeNil at '\(name)'; use decodeIfPresent")
  }
  func field<T: Decodable>(_ name: String, _ type: T.Type) throws -> T { try get(type) }
  func optional<T: Decodable>(_ name: String, _ type: T.Type) throws -> T? {
    try flag() ? try get(type) : nil
  }
  func single<T: Decodable>(_ type: T.Type) throws -> T { try get(type) }
  func singleIsNil() throws -> Bool { false }
  func refusal(_ what: String) -> any Error { RecordError("a record cannot hold \(what)") }
}
