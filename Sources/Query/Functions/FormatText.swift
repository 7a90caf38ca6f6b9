import Columns

/// `format`: PostgreSQL's cousin of printf.
enum FormatText {
  static func overload(isAlone: Bool) -> Overload {
    Overload(
      isAlone ? [.exactly(.string)] : [.exactly(.string), .any], variadic: !isAlone, nulls: .custom,
      result: { _ in .string },
      errors: "an error for a format that is wrong, or too few values"
    ) { arguments in
      let text = ValueText(try arguments.clock())
      return try arguments.stringsOrNulls { row, bytes in
        guard case .bytes(let format) = arguments.scalar(0, row) else { return false }
        try append(format, arguments, row, text, to: &bytes)
        return true
      }
    }
  }

  private static func append(
    _ format: [UInt8], _ arguments: Arguments, _ row: Int, _ text: ValueText, to bytes: inout [UInt8]
  ) throws {
    var rest = format[...]
    var next = 1
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      if rest.first == UInt8(ascii: "%") {
        bytes.append(rest.removeFirst())
        continue
      }
      var index = next
      var isLeft = false
      var width = number(&rest)
      if let position = width, rest.first == UInt8(ascii: "$") {
        rest.removeFirst()
        index = position
        width = nil
      }
      if width == nil, rest.first == UInt8(ascii: "-") {
        rest.removeFirst()
        isLeft = true
      }
      width = width ?? number(&rest)
      guard index > 0, index < arguments.vectors.count else { throw QueryError("format has too few values") }
      let value = arguments.scalar(index, row)
      var part: [UInt8] = []
      text.append(value, arguments.vectors[index].type, to: &part)
      var written: [UInt8] = []
      switch rest.popFirst() {
      case UInt8(ascii: "s"): written = part
      case UInt8(ascii: "I"):
        if value.isNull { throw QueryError("null is not a name of SQL") }
        part.withUnsafeBytes { appendName($0, to: &written) }
      case UInt8(ascii: "L"):
        if value.isNull {
          written = Array("NULL".utf8)
        } else {
          part.withUnsafeBytes { appendLiteral($0, to: &written) }
        }
      default: throw QueryError("format knows %s, %I, %L and %% only")
      }
      let missing = max(0, (width ?? 0) - written.withUnsafeBytes { Letters.count($0) })
      try TextFunctions.checkLength(missing)
      if !isLeft { bytes += repeatElement(0x20, count: missing) }
      bytes += written
      if isLeft { bytes += repeatElement(0x20, count: missing) }
      next = index + 1
    }
  }

  private static func number(_ text: inout ArraySlice<UInt8>) -> Int? {
    var value: Int?
    while let byte = text.first, byte &- 0x30 < 10, (value ?? 0) < 1 << 30 {
      value = (value ?? 0) * 10 + Int(byte - 0x30)
      text.removeFirst()
    }
    return value
  }

  /// `'it''s'`; with backslashes, `E'a\\b'`.
  static func appendLiteral(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    if text.contains(UInt8(ascii: "\\")) { bytes.append(UInt8(ascii: "E")) }
    bytes.append(UInt8(ascii: "'"))
    for byte in text {
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\\") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "'"))
  }

  /// In quotes unless it is of lower-case letters, digits and `_`.
  static func appendName(_ text: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
    let isPlain = text.allSatisfy {
      $0 &- UInt8(ascii: "a") < 26 || $0 == UInt8(ascii: "_") || $0 &- 0x30 < 10
    }
    guard !isPlain || text.isEmpty || text[0] &- 0x30 < 10 else { return bytes.append(contentsOf: text) }
    bytes.append(UInt8(ascii: "\""))
    for byte in text {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
