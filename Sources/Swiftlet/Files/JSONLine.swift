import Basics
import Glibc

/// The fields of one line of JSON Lines, located once and decoded on demand. Reused for successive lines; must be used by one
/// thread at a time. The caller owns the line's memory.
package final class JSONLine: NamedFieldSource {
  private struct Member {
    let name: Range<Int>
    let value: Range<Int>
  }

  private var line = UnsafeRawBufferPointer(start: nil, count: 0)
  private var members: [Member] = []

  init() {}

  /// Decodes a single line.
  package static func decode<T: Decodable>(_ type: T.Type, from line: String) throws -> T {
    var line = line
    return try line.withUTF8 { try JSONLine().decode(type, from: UnsafeRawBufferPointer($0)) }
  }

  /// Encodes a record as a line of JSON Lines output, without the newline.
  package static func encode(_ record: some Encodable) throws -> [UInt8] {
    var text: [UInt8] = []
    try JSONForm.write(try FieldValue(record), to: &text)
    return text
  }

  func decode<T: Decodable>(_ type: T.Type, from line: UnsafeRawBufferPointer) throws -> T {
    do {
      var scanner = JSONScanner(line)
      scanner.skipSpace()
      // A line may contain any value, but nearly all types are objects, whose unused fields need no decoding.
      if T.self is any RecordForm.Type || scanner.peek != UInt8(ascii: "{") {
        let value = try JSONForm.read(&scanner)
        try scanner.end()
        return try value.decode(type)
      }
      self.line = line
      members.removeAll(keepingCapacity: true)
      try scanner.object { scanner, name in
        let start = scanner.position
        try scanner.skipValue(depth: 1)
        members.append(Member(name: name, value: start..<scanner.position))
      }
      try scanner.end()
      return try make(type)
    } catch let fault as JSONFault {
      throw RecordError("not JSON: \(fault)")
    }
  }

  /// Returns the last member with that name, as is usual in JSON.
  func find(_ name: String, as type: Any.Type) throws -> FieldValue? {
    var name = name
    let found = try name.withUTF8 { wanted in
      try members.last { member in
        let raw = UnsafeRawBufferPointer(rebasing: line[member.name])
        guard let start = raw.baseAddress, let other = wanted.baseAddress else {
          return raw.count == wanted.count
        }
        if raw.count == wanted.count { return memcmp(start, other, raw.count) == 0 }
        // A name written with escapes is longer than its decoded text.
        guard raw.count > wanted.count, memchr(start, 0x5c, raw.count) != nil else { return false }
        return try Array(JSONScanner(line).decoded(member.name).utf8) == Array(wanted)
      }
    }
    guard let found else { return nil }
    var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: line[found.value]))
    return try JSONForm.read(&scanner, depth: 1)
  }

  func single<T: Decodable>(_ type: T.Type) throws -> T {
    var scanner = JSONScanner(line)
    scanner.skipSpace()
    return try JSONForm.read(&scanner).decode(type)
  }
}
