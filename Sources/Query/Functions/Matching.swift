import Columns

/// LIKE, SIMILAR TO and `~`.
enum Matching {
  static let group = FunctionGroup(
    "Patterns",
    [
      Function(
        "~~", like(ignoresCase: false),
        help:
          "LIKE: `%` stands for any text, `_` for one character, `\\` (or the character of ESCAPE) takes their meaning."
      ),
      Function("~~*", like(ignoresCase: true), help: "ILIKE: as LIKE, upper and lower case are the same."),
      Function(
        "similar to", similar,
        help:
          "SIMILAR TO: the whole text matches a pattern with `%`, `_`, `|`, `*`, `+`, `?`, `{m,n}`, `()` and `[]`."
      ),
      Function(
        "~", [search(ignoresCase: false)],
        help: "Whether a regular expression (RE2) matches a part of the text."),
      Function("~*", [search(ignoresCase: true)], help: "As `~`, upper and lower case are the same."),
      Function(
        "starts_with", [.ofTexts(.bool) { $0.starts(with: $1) }], help: "Whether a text begins with another.",
        example: "starts_with('alphabet', 'alph') = true"),
      Function(
        "ends_with", [.ofTexts(.bool) { $0.count >= $1.count && $0.suffix($1.count).elementsEqual($1) }],
        help: "Whether a text ends with another.", example: "ends_with('alphabet', 'bet') = true"),
      Function(
        "contains", [.ofTexts(.bool) { ByteText.position(of: $1, in: $0) != nil }],
        help: "Whether a text contains another.", example: "contains('alphabet', 'hab') = true"),
    ])

  private static let patternErrors = "an error for a pattern that is wrong"

  /// - Parameter compile: Makes the test of a pattern; called once for a constant pattern.
  private static func match(
    _ arguments: Arguments, _ compile: (UnsafeRawBufferPointer) throws -> (UnsafeRawBufferPointer) -> Bool
  ) throws -> Column {
    try arguments.withStrings(0, 1) { texts, patterns in
      if arguments.vectors[1].isConstant {
        let test = try compile(patterns[0])
        return Column(.bool(try arguments.fill { test(texts[$0]) }))
      }
      return Column(.bool(try arguments.fill { try compile(patterns[$0])(texts[$0]) }))
    }
  }

  private static func like(ignoresCase: Bool) -> [Overload] {
    @Sendable func compile(_ pattern: UnsafeRawBufferPointer, _ escape: UInt8?) throws -> (
      UnsafeRawBufferPointer
    ) -> Bool {
      guard ignoresCase else {
        let like = try LikePattern(pattern, escape: escape)
        return { like.matches($0) }
      }
      let like = try Letters.lowered(pattern).withUnsafeBytes { try LikePattern($0, escape: escape) }
      return { text in Letters.lowered(text).withUnsafeBytes { like.matches($0) } }
    }
    return [
      Overload([.exactly(.string), .exactly(.string)], result: { _ in .bool }, errors: patternErrors) {
        arguments in
        try match(arguments) { try compile($0, UInt8(ascii: "\\")) }
      },
      Overload(
        [.exactly(.string), .exactly(.string), .exactly(.string)], result: { _ in .bool },
        errors: patternErrors
      ) { arguments in
        try match(arguments) { try compile($0, try escape(arguments)) }
      },
    ]
  }

  /// ESCAPE: one character, or nothing for none.
  private static func escape(_ arguments: Arguments) throws -> UInt8? {
    guard let constant = arguments.vectors[2].constant, case .bytes(let bytes) = constant, bytes.count <= 1
    else {
      throw QueryError("ESCAPE needs a constant of at most one character of ASCII")
    }
    return bytes.first
  }

  private static let similar = [
    Overload([.exactly(.string), .exactly(.string)], result: { _ in .bool }, errors: patternErrors) {
      arguments in
      try match(arguments) { try similar($0, UInt8(ascii: "\\")) }
    },
    Overload(
      [.exactly(.string), .exactly(.string), .exactly(.string)], result: { _ in .bool }, errors: patternErrors
    ) { arguments in
      try match(arguments) { try similar($0, try escape(arguments)) }
    },
  ]

  private static func similar(
    _ pattern: UnsafeRawBufferPointer, _ escape: UInt8?
  ) throws -> (UnsafeRawBufferPointer) -> Bool {
    let regex = try RegularExpression.compile(regularExpression(pattern, escape))
    return { regex.matches($0, anchored: true) }
  }

  /// The regular expression of a pattern of SIMILAR TO.
  private static func regularExpression(_ pattern: UnsafeRawBufferPointer, _ escape: UInt8?) -> String {
    var regex: [UInt8] = []
    var index = 0
    var isInBrackets = false
    while index < pattern.count {
      let byte = pattern[index]
      if byte == escape, index + 1 < pattern.count {
        index += 1
        if pattern[index] < 0x80 { regex.append(UInt8(ascii: "\\")) }
        regex.append(pattern[index])
      } else if isInBrackets {
        isInBrackets = byte != UInt8(ascii: "]")
        regex.append(byte)
      } else {
        switch byte {
        case UInt8(ascii: "%"): regex += ".*".utf8
        case UInt8(ascii: "_"): regex += ".".utf8
        case UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "$"), UInt8(ascii: "\\"):
          regex += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "["):
          isInBrackets = true
          regex.append(byte)
        default: regex.append(byte)
        }
      }
      index += 1
    }
    return String(decoding: regex, as: UTF8.self)
  }

  private static func search(ignoresCase: Bool) -> Overload {
    Overload([.exactly(.string), .exactly(.string)], result: { _ in .bool }, errors: patternErrors) {
      arguments in
      var options = RegularExpression.Options()
      options.ignoresCase = ignoresCase
      return try match(arguments) {
        let regex = try RegularExpression.compile(String(decoding: $0, as: UTF8.self), options)
        return { regex.matches($0) }
      }
    }
  }
}
