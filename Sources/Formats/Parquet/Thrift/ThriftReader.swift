/// The types of the Thrift compact protocol, as encoded in field and list headers.
package enum ThriftType: UInt8, Sendable {
  case boolTrue = 1
  case boolFalse, byte, i16, i32, i64, double, binary, list, set, map, structure
}

package struct ThriftField: Sendable {
  package let id: Int
  package let type: ThriftType
}

/// Reads Thrift's compact protocol as used by Parquet's footer and page headers (thrift/doc/specs/thrift-compact-protocol.md).
/// Every length is checked against the remaining bytes and nesting is limited, so malicious input exhausts neither memory nor
/// stack.
package struct ThriftReader {
  private static let maxDepth = 32

  private let bytes: UnsafeRawBufferPointer
  package private(set) var position = 0
  private var depth = 0

  /// `bytes` must outlive the reader.
  package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private var remaining: Int { bytes.count - position }

  private mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw ParquetFault.corrupt("metadata ends in the middle of a value") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func skip(bytes count: Int) throws {
    guard count <= remaining else { throw ParquetFault.corrupt("metadata ends in the middle of a value") }
    position += count
  }

  package mutating func varint() throws -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { throw ParquetFault.corrupt("a varint has over 64 bits") }
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
  }

  private mutating func zigzag() throws -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  private mutating func length() throws -> Int {
    let value = try varint()
    guard value <= UInt64(remaining) else {
      throw ParquetFault.corrupt("a length of \(value) in metadata that has \(remaining) bytes left")
    }
    return Int(value)
  }

  private func expect(_ type: ThriftType, _ field: ThriftField) throws {
    guard field.type == type else {
      throw ParquetFault.corrupt("metadata field \(field.id) is a \(field.type), expected \(type)")
    }
  }

  package mutating func bool(_ field: ThriftField) throws -> Bool {
    switch field.type {
    case .boolTrue: return true
    case .boolFalse: return false
    default: throw ParquetFault.corrupt("metadata field \(field.id) is a \(field.type), expected a boolean")
    }
  }

  package mutating func int8(_ field: ThriftField) throws -> Int8 {
    try expect(.byte, field)
    return Int8(bitPattern: try byte())
  }

  package mutating func int32(_ field: ThriftField) throws -> Int32 {
    try expect(.i32, field)
    let value = try zigzag()
    guard let result = Int32(exactly: value) else {
      throw ParquetFault.corrupt("metadata field \(field.id) is \(value), expected 32 bits")
    }
    return result
  }

  package mutating func int64(_ field: ThriftField) throws -> Int64 {
    try expect(.i64, field)
    return try zigzag()
  }

  package mutating func binary(_ field: ThriftField) throws -> [UInt8] {
    try expect(.binary, field)
    let count = try length()
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  package mutating func string(_ field: ThriftField) throws -> String {
    try expect(.binary, field)
    let count = try length()
    defer { position += count }
    return String(decoding: bytes[position..<position + count], as: UTF8.self)
  }

  /// Reads a struct: the value of `field`, or the outermost struct if `field` is nil. `body` must read or `skip` the value of
  /// each field that it receives.
  package mutating func structure(
    _ field: ThriftField? = nil, _ body: (inout ThriftReader, ThriftField) throws -> Void
  ) throws {
    if let field { try expect(.structure, field) }
    try nest()
    var id: Int64 = 0
    while true {
      let header = try byte()
      if header == 0 { break }
      guard let type = ThriftType(rawValue: header & 0x0f) else {
        throw ParquetFault.corrupt("metadata has a field of unknown type \(header & 0x0f)")
      }
      let delta = Int64(header >> 4)
      let (next, overflow) = delta == 0 ? (try zigzag(), false) : id.addingReportingOverflow(delta)
      guard !overflow, let short = Int16(exactly: next) else {
        throw ParquetFault.corrupt("metadata has a field of id \(next)")
      }
      id = next
      try body(&self, ThriftField(id: Int(short), type: type))
    }
    depth -= 1
  }

  private mutating func nest() throws {
    depth += 1
    guard depth <= Self.maxDepth else { throw ParquetFault.corrupt("metadata nests too deeply") }
  }

  private mutating func listHeader() throws -> (type: ThriftType, count: Int) {
    let header = try byte()
    // Every element takes at least one byte, so `length` rejects impossible counts.
    let short = Int(header >> 4)
    let count = short == 15 ? try length() : short
    // fastparquet gives empty lists the element type 0, which does not exist.
    if count == 0 { return (.binary, 0) }
    guard count <= remaining, let type = ThriftType(rawValue: header & 0x0f) else {
      throw ParquetFault.corrupt("metadata has a malformed list")
    }
    return (type, count)
  }

  /// Reads a list. `body` receives each element as a field with the id of the list field.
  package mutating func list<T>(
    _ field: ThriftField, _ body: (inout ThriftReader, ThriftField) throws -> T
  ) throws -> [T] {
    try expect(.list, field)
    try nest()
    let (type, count) = try listHeader()
    var values: [T] = []
    values.reserveCapacity(min(count, 1024))
    for _ in 0..<count { values.append(try body(&self, ThriftField(id: field.id, type: type))) }
    depth -= 1
    return values
  }

  package mutating func skip(_ field: ThriftField) throws {
    switch field.type {
    case .boolTrue, .boolFalse: break
    case .byte: try skip(bytes: 1)
    case .i16, .i32, .i64: _ = try varint()
    case .double: try skip(bytes: 8)
    case .binary: try skip(bytes: try length())
    case .structure: try structure(field) { reader, inner in try reader.skip(inner) }
    case .list, .set:
      try nest()
      let (type, count) = try listHeader()
      for _ in 0..<count { try skipElement(type) }
      depth -= 1
    case .map:
      try nest()
      let count = try length()
      if count > 0 {
        let types = try byte()
        guard let key = ThriftType(rawValue: types >> 4), let value = ThriftType(rawValue: types & 0x0f)
        else {
          throw ParquetFault.corrupt("metadata has a malformed map")
        }
        for _ in 0..<count {
          try skipElement(key)
          try skipElement(value)
        }
      }
      depth -= 1
    }
  }

  /// Booleans take one byte in a list or map, but none as a field.
  private mutating func skipElement(_ type: ThriftType) throws {
    if type == .boolTrue || type == .boolFalse { return try skip(bytes: 1) }
    try skip(ThriftField(id: 0, type: type))
  }
}
