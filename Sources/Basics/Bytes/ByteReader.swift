/// Why bytes could not be decoded.
public enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
  case truncated(needed: Int, available: Int)
  case trailingBytes(Int)
  case invalid(String)

  public var description: String {
    switch self {
    case .truncated(let needed, let available):
      "message truncated: needed \(needed) bytes, found \(available)"
    case .trailingBytes(let count): "\(count) unexpected bytes after the end of a message"
    case .invalid(let what): "malformed message: \(what)"
    }
  }
}

/// Reads what ``ByteWriter`` wrote. Every read is checked against the remaining bytes.
///
/// Public and inlinable, like ``ByteWriter``: the compiler (Swift 6.3) does not specialize `package` generics in other targets.
public struct ByteReader: Sendable {
  @usableFromInline let bytes: [UInt8]
  @usableFromInline var next: Int

  @inlinable public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    next = 0
  }

  @inlinable public var position: Int { next }

  @inlinable public var remaining: Int { bytes.count - next }

  @inlinable mutating func take(_ count: Int) throws(WireError) -> Int {
    guard count >= 0, count <= remaining else { throw .truncated(needed: count, available: remaining) }
    defer { next += count }
    return next
  }

  @inlinable public mutating func integer<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(WireError)
    -> T
  {
    let start = try take(MemoryLayout<T>.size)
    return T(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: T.self) })
  }

  @inlinable public mutating func bool() throws(WireError) -> Bool {
    switch try integer(UInt8.self) {
    case 0: return false
    case 1: return true
    case let other: throw .invalid("boolean \(other)")
    }
  }

  @inlinable public mutating func float() throws(WireError) -> Float { Float(bitPattern: try integer()) }

  @inlinable public mutating func double() throws(WireError) -> Double { Double(bitPattern: try integer()) }

  @inlinable public mutating func varint() throws(WireError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try integer(UInt8.self)
      guard shift < 63 || byte <= 1 else { throw .invalid("varint over 64 bits") }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
  }

  @inlinable public mutating func count() throws(WireError) -> Int {
    let value = try varint()
    guard let count = Int(exactly: value) else { throw .invalid("count \(value)") }
    return count
  }

  @inlinable public mutating func signed() throws(WireError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  public mutating func string() throws(WireError) -> String {
    let length = try count()
    let start = try take(length)
    // Invalid UTF-8 is refused: repaired text would be another key or another file.
    guard let text = String(validating: bytes[start..<start + length], as: UTF8.self) else {
      throw .invalid("text that is not UTF-8")
    }
    return text
  }

  public mutating func blob() throws(WireError) -> [UInt8] {
    let length = try count()
    let start = try take(length)
    return Array(bytes[start..<start + length])
  }

  @inlinable public mutating func array<T: BitwiseCopyable>(of type: T.Type = T.self) throws(WireError) -> [T]
  {
    let elements = try count()
    let (size, overflow) = elements.multipliedReportingOverflow(by: MemoryLayout<T>.stride)
    guard !overflow else { throw .invalid("array of \(elements) elements") }
    let start = try take(size)
    return bytes.withUnsafeBytes { source in
      [T](unsafeUninitializedCapacity: elements) { target, initialized in
        if size > 0 {
          UnsafeMutableRawBufferPointer(target).copyMemory(
            from: .init(rebasing: source[start..<start + size]))
        }
        initialized = elements
      }
    }
  }

  @inlinable public mutating func value<T: WireCodable>(_ type: T.Type = T.self) throws(WireError) -> T {
    try T(from: &self)
  }

  /// Each element takes at least one byte, so a count over the remaining bytes is refused before memory is reserved.
  @inlinable public mutating func list<T: WireCodable>(of type: T.Type = T.self) throws(WireError) -> [T] {
    let elements = try count()
    guard elements <= remaining else { throw .truncated(needed: elements, available: remaining) }
    var values: [T] = []
    values.reserveCapacity(min(elements, 4096))
    for _ in 0..<elements { values.append(try T(from: &self)) }
    return values
  }

  @inlinable public mutating func optional<T: WireCodable>(_ type: T.Type = T.self) throws(WireError) -> T? {
    try bool() ? try T(from: &self) : nil
  }

  /// Scoped access to the next `count` bytes without a copy.
  @inlinable public mutating func withRaw<R>(_ count: Int, _ body: (UnsafeRawBufferPointer) -> R)
    throws(WireError) -> R
  {
    let start = try take(count)
    return bytes.withUnsafeBytes { body(.init(rebasing: $0[start..<start + count])) }
  }

  @inlinable public func expectEnd() throws(WireError) {
    if remaining != 0 { throw .trailingBytes(remaining) }
  }
}
