import Columns

/// Lists from PostgreSQL's text form: `{1,NULL,"a b"}`. Elements are cast from text.
enum ListText {
  static func parsing(_ element: ColumnType) -> Casts.Kernel? {
    if case .list = element { return nil }
    guard element == .string || Casts.exists(from: .string, to: element) else { return nil }
    return Casts.Kernel { cast in
      let texts = try cast.arguments.withStrings(0) { strings in
        var ends = [0]
        var elements = StringColumn()
        var flags: [Bool] = []
        var failed: [Bool] = []
        for row in 0..<cast.arguments.rows {
          let count = elements.count
          if !cast.arguments.isNull(row),
            !items(
              strings[row],
              { text in
                elements.append(text ?? "")
                flags.append(text != nil)
              })
          {
            guard cast.isTry else { throw cast.failure(row) }
            failed += Array(repeating: true, count: row - failed.count) + [false]
            elements.offsets.removeLast(elements.count - count)
            elements.bytes.removeLast(elements.bytes.count - elements.offsets[count])
            flags.removeLast(flags.count - count)
          }
          ends.append(elements.count)
        }
        let validity =
          failed.isEmpty ? nil : failed + Array(repeating: true, count: cast.arguments.rows - failed.count)
        let column = Column(.bytes(elements), validity: flags.allSatisfy { $0 } ? nil : flags)
        return Column(.list(ListColumn(offsets: ends, elements: column)), validity: validity)
      }
      if element == .string { return texts }
      let inner = Arguments(
        [Vector(texts, .list(.string))], rows: cast.arguments.rows, type: cast.to,
        session: cast.arguments.session)
      let result = try NestedCasts.list(
        CastArguments(arguments: inner, from: .list(.string), to: cast.to, isTry: cast.isTry), .string,
        element)
      return result.masked(texts.validity)
    }
  }

  /// Calls `item` for each element, with nil for NULL.
  /// - Returns: false if the text is not a list.
  private static func items(_ text: UnsafeRawBufferPointer, _ item: (String?) -> Void) -> Bool {
    let text = ValueParser.trimmed(text)
    guard text.count >= 2, text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}") else {
      return false
    }
    var rest = text[1..<(text.count - 1)]
    func skipSpace() { while rest.first == 0x20 { rest.removeFirst() } }
    skipSpace()
    if rest.isEmpty { return true }
    while true {
      skipSpace()
      var bytes: [UInt8] = []
      let isQuoted = rest.first == UInt8(ascii: "\"")
      if isQuoted {
        rest.removeFirst()
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
          if byte != UInt8(ascii: "\\") {
            bytes.append(byte)
          } else if let escaped = rest.popFirst() {
            bytes.append(escaped)
          }
        }
        skipSpace()
      } else {
        while let byte = rest.first, byte != UInt8(ascii: ",") {
          guard byte != UInt8(ascii: "{"), byte != UInt8(ascii: "}"), byte != UInt8(ascii: "\"") else {
            return false
          }
          bytes.append(rest.removeFirst())
        }
        while bytes.last == 0x20 { bytes.removeLast() }
        if bytes.isEmpty { return false }
      }
      let value = String(decoding: bytes, as: UTF8.self)
      item(!isQuoted && value.uppercased() == "NULL" ? nil : value)
      if rest.isEmpty { return true }
      guard rest.popFirst() == UInt8(ascii: ",") else { return false }
    }
  }
}
