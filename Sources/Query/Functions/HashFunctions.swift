import Basics
import Columns
import OpenSSL

/// Hashes, and bytes as text.
enum HashFunctions {
  static let group = FunctionGroup(
    "Hashes and bytes",
    [
      Function(
        "hash64",
        [Overload([.any], variadic: true, nulls: .custom, result: { _ in .int64 }) { try hash64($0) }],
        help: """
          64-bit XXH3 of one or more values, the same in all versions and on all machines. Numbers that are equal have equal \
          hashes, whatever their types. Not for secrets.
          """, example: "hash64(1) = hash64(1.00)"),
      Function(
        "md5",
        [
          .text { text, bytes in bytes += (Crypto.md5(text) ?? []).hexadecimal.utf8 },
          Overload([.exactly(.binary)], result: { _ in .string }) { arguments in
            try arguments.withStrings(0) { values in
              try arguments.strings { $1 += (Crypto.md5(values[$0]) ?? []).hexadecimal.utf8 }
            }
          },
        ], help: "MD5, as hexadecimal digits.", example: "md5('abc') = '900150983cd24fb0d6963f7d28e17f72'"),
      Function(
        "sha256",
        [
          .text { text, bytes in bytes += (Crypto.sha256(text) ?? []).hexadecimal.utf8 },
          Overload([.exactly(.binary)], result: { _ in .binary }) { arguments in
            try arguments.withStrings(0) { values in
              try arguments.strings { $1 += Crypto.sha256(values[$0]) ?? [] }
            }
          },
        ], help: "SHA-256: of text as hexadecimal digits, of bytea as bytea.",
        example: "left(sha256('abc'), 8) = 'ba7816bf'"),
      Function(
        "encode",
        [
          Overload(
            [.exactly(.binary), .exactly(.string)], result: { _ in .string },
            errors: "an error for an unknown encoding"
          ) { arguments in
            try arguments.withStrings(0, 1) { values, formats in
              try arguments.strings { try append(values[$0], as: formats.text($0), to: &$1) }
            }
          }
        ], help: "Bytes as text: `hex`, `base64` or `escape`.",
        example: "encode('\\x6869'::bytea, 'base64') = 'aGk='"),
      Function(
        "decode",
        [
          Overload(
            [.exactly(.string), .exactly(.string)], result: { _ in .binary },
            errors: "an error for an unknown encoding, or text that is not of it"
          ) { arguments in
            try arguments.withStrings(0, 1) { texts, formats in
              try arguments.strings { try decode(texts[$0], from: formats.text($0), to: &$1) }
            }
          }
        ], help: "Bytes from text: `hex`, `base64` or `escape`.",
        example: "decode('aGk=', 'base64') = '\\x6869'::bytea"),
    ])

  // MARK: hash64

  private static func hash64(_ arguments: Arguments) throws -> Column {
    Column(
      .int64(
        try arguments.fill { row in
          var hash: UInt64 = 0
          for index in arguments.vectors.indices {
            hash = XXH3.hash(
              canonical(arguments.scalar(index, row), arguments.vectors[index].type), seed: hash)
          }
          return Int64(bitPattern: hash)
        }))
  }

  /// The bytes that are hashed: a letter for the kind of value, then the value, little-endian. Numbers are the shortest decimal
  /// (integer × 10^-scale) if they are exact, else the bits of a double.
  private static func canonical(_ value: ScalarValue, _ type: ColumnType) -> [UInt8] {
    var writer = ByteWriter()
    func letter(_ letter: Unicode.Scalar) { writer.integer(UInt8(ascii: letter)) }
    func number(_ unscaled: Int128, _ scale: Int) {
      var (value, scale) = (unscaled, scale)
      while scale > 0, value % 10 == 0 { (value, scale) = (value / 10, scale - 1) }
      letter("n")
      writer.integer(value)
      writer.integer(UInt8(scale))
    }
    func double(_ value: Double) {
      if let integer = Int64(exactly: value) { return number(Int128(integer), 0) }
      letter("d")
      writer.integer(value.isNaN ? Double.nan.bitPattern : value.bitPattern)
    }
    switch value {
    case .null: letter("0")
    case .bool(let flag):
      letter("b")
      writer.bool(flag)
    case .int(let value):
      if type.isInteger {
        number(Int128(value), 0)
      } else {
        letter(type == .date ? "D" : type == .timestamp ? "T" : "Z")
        writer.integer(type == .timestampMillis ? value &* 1000 : value)
      }
    case .decimal(let value): number(value, Decimals.parts(type)?.scale ?? 0)
    case .float(let value): double(Double(value))
    case .double(let value): double(value)
    case .bytes(let bytes):
      letter("s")
      writer.blob(bytes)
    case .interval(let value):
      letter("i")
      writer.integer(value.span)
    case .list(let items):
      letter("l")
      writer.count(items.count)
      if case .list(let element) = type { for item in items { writer.blob(canonical(item, element)) } }
    case .structure(let items):
      letter("r")
      writer.count(items.count)
      if case .structure(let fields) = type {
        for (item, field) in zip(items, fields) { writer.blob(canonical(item, field.type)) }
      }
    }
    return writer.bytes
  }

  // MARK: Bytes as text

  private static func unknown(_ format: String) -> QueryError {
    QueryError("no encoding '\(format)'", hint: "there are hex, base64 and escape")
  }

  private static func append(_ value: UnsafeRawBufferPointer, as format: String, to bytes: inout [UInt8])
    throws
  {
    switch format.lowercased() {
    case "hex": bytes += value.hexadecimal.utf8
    case "base64": appendBase64(value, to: &bytes)
    case "escape":
      for byte in value {
        if byte == UInt8(ascii: "\\") {
          bytes += "\\\\".utf8
        } else if byte == 0 || byte >= 0x80 {
          bytes += "\\\(PlainText.zeroPadded(Int(String(byte, radix: 8)) ?? 0, 3))".utf8
        } else {
          bytes.append(byte)
        }
      }
    default: throw unknown(format)
    }
  }

  private static func decode(_ text: UnsafeRawBufferPointer, from format: String, to bytes: inout [UInt8])
    throws
  {
    let isRead: Bool
    switch format.lowercased() {
    case "hex": isRead = ValueParser.hexadecimal(text, into: &bytes)
    case "base64": isRead = decodeBase64(text, to: &bytes)
    case "escape": isRead = ValueParser.binary(text, into: &bytes)
    default: throw unknown(format)
    }
    if !isRead {
      throw QueryError("'\(String(decoding: text.prefix(80), as: UTF8.self))' is not \(format.lowercased())")
    }
  }

  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Lines of 76 characters, as in PostgreSQL.
  private static func appendBase64(_ value: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    for start in stride(from: 0, to: value.count, by: 3) {
      if start > 0, start % 57 == 0 { bytes.append(UInt8(ascii: "\n")) }
      let group = value[start..<min(start + 3, value.count)]
      let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for index in 0..<4 {
        bytes.append(
          index <= group.count ? digits[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
      }
    }
  }

  private static func decodeBase64(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) -> Bool {
    let symbols = text.filter { $0 != 0x0a && $0 != 0x0d && $0 != 0x20 && $0 != 0x09 }
    guard symbols.count % 4 == 0 else { return false }
    let padding = symbols.suffix(2).count { $0 == UInt8(ascii: "=") }
    var bits: UInt32 = 0
    var decoded: [UInt8] = []
    for (index, symbol) in symbols.enumerated() {
      let isPadding = symbol == UInt8(ascii: "=") && index >= symbols.count - padding
      guard let value = isPadding ? 0 : digits.firstIndex(of: symbol) else { return false }
      bits = bits << 6 | UInt32(value)
      if index % 4 == 3 { decoded += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)] }
    }
    bytes += decoded.dropLast(padding)
    return true
  }
}
