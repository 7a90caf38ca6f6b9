import Basics
import Columns

/// Functions of text. Characters are Unicode's code points.
enum TextFunctions {
  static let group = FunctionGroup("Text", letters + trimming + slicing + joining + searching + codes)

  static let text = Overload.Parameter.exactly(.string)
  static let int = Overload.Parameter.exactly(.int32)

  /// More text than this in one value is an error: a mistake, or an attack on the memory.
  static let longest = 1 << 28

  static func checkLength(_ count: Int) throws {
    if count > longest { throw QueryError("a text of \(count) bytes is longer than \(longest) bytes") }
  }

  private static let letters: [Function] = {
    let length = Function(
      "length",
      [
        .ofText(.int32) { Int32(Letters.count($0)) },
        Overload([.exactly(.binary)], result: { _ in .int32 }) { try $0.mapText { Int32($0.count) } },
      ], help: "The number of characters; of bytea, of bytes.", example: "length('äbc') = 3")
    return [
      Function(
        "lower", [.text { Letters.appendLowered($0, to: &$1) }], help: "Lower case.",
        example: "lower('ÄBc') = 'äbc'"),
      Function(
        "upper", [.text { Letters.appendUppered($0, to: &$1) }], help: "Upper case.",
        example: "upper('äbC') = 'ÄBC'"),
      Function(
        "initcap", [.text { Letters.appendCapitalized($0, to: &$1) }],
        help: "The first letter of each word in upper case, the others in lower case.",
        example: "initcap('hi THOMAS') = 'Hi Thomas'"),
      length, length.named("char_length"), length.named("character_length"),
      Function(
        "octet_length",
        [
          .ofText(.int32) { Int32($0.count) },
          Overload([.exactly(.binary)], result: { _ in .int32 }) { try $0.mapText { Int32($0.count) } },
        ], help: "The number of bytes.", example: "octet_length('ä') = 2"),
      Function(
        "reverse",
        [
          .text { text, bytes in
            for scalar in Letters.scalars(text).reversed() { Letters.append(scalar, to: &bytes) }
          }
        ],
        help: "The characters in reverse order.", example: "reverse('abc') = 'cba'"),
      Function(
        "repeat",
        [
          Overload([text, int], result: { _ in .string }, errors: "an error for a result of over 256 MB") {
            arguments in
            let counts: (Int) -> Int32 = try arguments.reader(1)
            return try arguments.withStrings(0) { texts in
              try arguments.strings { row, bytes in
                let count = max(0, Int(counts(row)))
                try checkLength(count.multipliedReportingOverflow(by: texts[row].count).partialValue)
                if texts[row].isEmpty { return }
                for _ in 0..<count { bytes.append(contentsOf: texts[row]) }
              }
            }
          }
        ], help: "A text n times.", example: "repeat('ab', 3) = 'ababab'"),
      Function(
        "translate",
        [
          Overload([text, text, text], result: { _ in .string }) { arguments in
            try arguments.withStrings(0, 1) { texts, from in
              try arguments.withStrings(2) { to in
                try arguments.strings { row, bytes in
                  let from = Array(Letters.scalars(from[row]))
                  let to = Array(Letters.scalars(to[row]))
                  for scalar in Letters.scalars(texts[row]) {
                    guard let index = from.firstIndex(of: scalar) else {
                      Letters.append(scalar, to: &bytes)
                      continue
                    }
                    if index < to.count { Letters.append(to[index], to: &bytes) }
                  }
                }
              }
            }
          }
        ],
        help: "Each character of the second text replaced by that of the third; those without are left out.",
        example: "translate('12345', '143', 'ax') = 'a2x5'"),
    ]
  }()

  // MARK: Trimming

  private static func trim(_ name: String, _ start: Bool, _ end: Bool, _ help: String, _ example: String)
    -> Function
  {
    @Sendable func trimmed(_ text: UnsafeRawBufferPointer, _ set: String.UnicodeScalarView)
      -> Substring.UnicodeScalarView
    {
      var rest = Substring(decoding: text, as: UTF8.self).unicodeScalars
      while start, let first = rest.first, set.contains(first) { rest.removeFirst() }
      while end, let last = rest.last, set.contains(last) { rest.removeLast() }
      return rest
    }
    return Function(
      name,
      [
        .text { text, bytes in
          var rest = text[...]
          while start, rest.first == 0x20 { rest.removeFirst() }
          while end, rest.last == 0x20 { rest.removeLast() }
          bytes.append(contentsOf: rest)
        },
        .texts { text, set, bytes in bytes += String(trimmed(text, Letters.scalars(set))).utf8 },
      ], help: help, example: example)
  }

  private static let trimming: [Function] = [
    trim(
      "btrim", true, true, "Without spaces, or the characters of the second text, at both ends.",
      "btrim('xyabyx', 'xy') = 'ab'"),
    trim("trim", true, true, "The same as `btrim`.", "trim('  ab ') = 'ab'"),
    trim(
      "ltrim", true, false, "Without spaces, or the characters of the second text, at the start.",
      "ltrim('zzytest', 'xyz') = 'test'"),
    trim(
      "rtrim", false, true, "Without spaces, or the characters of the second text, at the end.",
      "rtrim('testxxzx', 'xyz') = 'test'"),
    pad(
      "lpad", isLeft: true,
      "Filled at the start to n characters with spaces or the third text; cut if longer.",
      "lpad('hi', 5, 'xy') = 'xyxhi'"),
    pad(
      "rpad", isLeft: false,
      "Filled at the end to n characters with spaces or the third text; cut if longer.",
      "rpad('hi', 5, 'xy') = 'hixyx'"),
  ]

  private static func pad(_ name: String, isLeft: Bool, _ help: String, _ example: String) -> Function {
    @Sendable func evaluate(_ arguments: Arguments, _ filler: (Int) -> UnsafeRawBufferPointer) throws
      -> Column
    {
      let lengths: (Int) -> Int32 = try arguments.reader(1)
      return try arguments.withStrings(0) { texts in
        try arguments.strings { row, bytes in
          let length = max(0, Int(lengths(row)))
          try checkLength(length)
          let text = Letters.slice(texts[row], 0, length)
          let filler = Array(Letters.scalars(filler(row)))
          let missing = filler.isEmpty ? 0 : length - Letters.count(text)
          if !isLeft { bytes.append(contentsOf: text) }
          for index in 0..<max(0, missing) { Letters.append(filler[index % filler.count], to: &bytes) }
          if isLeft { bytes.append(contentsOf: text) }
        }
      }
    }
    let errors = "an error for a result of over 256 MB"
    return Function(
      name,
      [
        Overload([text, int], result: { _ in .string }, errors: errors) { arguments in
          try [0x20 as UInt8].withUnsafeBytes { space in try evaluate(arguments) { _ in space } }
        },
        Overload([text, int, text], result: { _ in .string }, errors: errors) { arguments in
          try arguments.withStrings(2) { fillers in try evaluate(arguments) { fillers[$0] } }
        },
      ], help: help, example: example)
  }

  // MARK: Parts

  /// A function of a text and a number that returns a part of the text.
  private static func part(
    _ body: @escaping @Sendable (UnsafeRawBufferPointer, Int) -> UnsafeRawBufferPointer
  ) -> Overload {
    Overload([text, int], result: { _ in .string }) { arguments in
      let numbers: (Int) -> Int32 = try arguments.reader(1)
      return try arguments.withStrings(0) { texts in
        try arguments.strings { $1.append(contentsOf: body(texts[$0], Int(numbers($0)))) }
      }
    }
  }

  private static let slicing: [Function] = {
    let substring = Function(
      "substring",
      [
        part { Letters.slice($0, max(0, $1 - 1), .max) },
        Overload([text, int, int], result: { _ in .string }, errors: "an error for a negative length") {
          arguments in
          let starts: (Int) -> Int32 = try arguments.reader(1)
          let lengths: (Int) -> Int32 = try arguments.reader(2)
          return try arguments.withStrings(0) { texts in
            try arguments.strings { row, bytes in
              let (start, length) = (Int(starts(row)), Int(lengths(row)))
              if length < 0 { throw QueryError("negative substring length not allowed") }
              bytes.append(
                contentsOf: Letters.slice(texts[row], max(0, start - 1), max(0, start - 1 + length)))
            }
          }
        },
        RegularFunctions.substring,
      ],
      help:
        "The characters from position n (from 1) on, at most m of them; or the part that matches a regular expression.",
      example: "substring('Thomas', 2, 3) = 'hom'")
    return [
      substring,
      Function(
        "substr", Array(substring.overloads.prefix(2)), help: "The same as `substring`.",
        example: "substr('alphabet', 3) = 'phabet'"),
      Function(
        "left", [part { Letters.slice($0, 0, $1 >= 0 ? $1 : max(0, Letters.count($0) + $1)) }],
        help: "The first n characters; all but the last -n for a negative n.",
        example: "left('abcde', 2) = 'ab'"),
      Function(
        "right", [part { Letters.slice($0, $1 >= 0 ? max(0, Letters.count($0) - $1) : -$1, .max) }],
        help: "The last n characters; all but the first -n for a negative n.",
        example: "right('abcde', 2) = 'de'"),
      Function(
        "split_part",
        [
          Overload([text, text, int], result: { _ in .string }, errors: "an error for n = 0") { arguments in
            let numbers: (Int) -> Int32 = try arguments.reader(2)
            return try arguments.withStrings(0, 1) { texts, separators in
              try arguments.strings { row, bytes in
                let number = Int(numbers(row))
                if number == 0 { throw QueryError("field position must not be zero") }
                let parts = ByteText.split(texts[row], separators[row])
                let index = number > 0 ? number - 1 : parts.count + number
                if parts.indices.contains(index) { bytes.append(contentsOf: texts[row][parts[index]]) }
              }
            }
          }
        ],
        help: "Part n (from 1; negative: from the end) of a text cut at a separator; empty if there is none.",
        example: "split_part('a,b,c', ',', 2) = 'b'"),
      Function(
        "string_to_array",
        [
          .scalars([text, text], result: { _ in .list(.string) }) { arguments, row in
            try parts(arguments, row, null: nil)
          },
          .scalars([text, text, text], result: { _ in .list(.string) }) { arguments, row in
            try parts(arguments, row, null: arguments.scalar(2, row))
          },
        ], help: "The parts of a text cut at a separator, as a list; parts equal to the third text are null.",
        example: "string_to_array('a,b', ',') = ARRAY['a', 'b']"),
    ]
  }()

  private static func parts(_ arguments: Arguments, _ row: Int, null: ScalarValue?) throws -> ScalarValue {
    guard case .bytes(let text) = arguments.scalar(0, row),
      case .bytes(let separator) = arguments.scalar(1, row)
    else {
      return .null
    }
    if text.isEmpty { return .list([]) }
    let parts = text.withUnsafeBytes { text in
      separator.withUnsafeBytes { separator in ByteText.split(text, separator) }
    }
    return .list(
      parts.map { part in
        let value = ScalarValue.bytes(Array(text[part]))
        return value == null ? .null : value
      })
  }

  // MARK: Joining

  private static let joining: [Function] = [
    Function(
      "||",
      [
        .texts { a, b, bytes in
          bytes.append(contentsOf: a)
          bytes.append(contentsOf: b)
        },
        Overload([.exactly(.binary), .exactly(.binary)], result: { _ in .binary }) { arguments in
          try arguments.withStrings(0, 1) { a, b in
            try arguments.strings {
              $1.append(contentsOf: a[$0])
              $1.append(contentsOf: b[$0])
            }
          }
        },
        joined([text, .any]), joined([.any, text]),
      ] + ListFunctions.concatenations,
      help: "Two texts, or a text and any value as text, one after the other; lists and elements in one list."
    ),
    Function(
      "concat",
      [
        Overload([.any], variadic: true, nulls: .custom, result: { _ in .string }) { arguments in
          let text = ValueText(try arguments.clock())
          return try arguments.strings { row, bytes in
            for index in arguments.vectors.indices {
              text.append(arguments.scalar(index, row), arguments.vectors[index].type, to: &bytes)
            }
          }
        }
      ], help: "All values as one text; nulls do not count.", example: "concat('a', NULL, 1) = 'a1'"),
    Function(
      "concat_ws",
      [
        Overload([text, .any], variadic: true, nulls: .custom, result: { _ in .string }) { arguments in
          let text = ValueText(try arguments.clock())
          return try arguments.stringsOrNulls { row, bytes in
            guard case .bytes(let separator) = arguments.scalar(0, row) else { return false }
            var isFirst = true
            for index in 1..<arguments.vectors.count {
              let value = arguments.scalar(index, row)
              if value.isNull { continue }
              if !isFirst { bytes += separator }
              isFirst = false
              text.append(value, arguments.vectors[index].type, to: &bytes)
            }
            return true
          }
        }
      ], help: "All values but the first as one text, with the first between them; nulls do not count.",
      example: "concat_ws(',', 'a', NULL, 'b') = 'a,b'"),
    Function(
      "replace",
      [
        Overload([text, text, text], result: { _ in .string }) { arguments in
          try arguments.withStrings(0, 1) { texts, from in
            try arguments.withStrings(2) { to in
              try arguments.strings { row, bytes in
                if from[row].isEmpty { return bytes.append(contentsOf: texts[row]) }
                for (index, part) in ByteText.split(texts[row], from[row]).enumerated() {
                  if index > 0 { bytes.append(contentsOf: to[row]) }
                  bytes.append(contentsOf: texts[row][part])
                }
              }
            }
          }
        }
      ], help: "Each occurrence of the second text replaced by the third.",
      example: "replace('abcabc', 'b', 'x') = 'axcaxc'"),
    Function(
      "format", [FormatText.overload(isAlone: true), FormatText.overload(isAlone: false)],
      help:
        "A text with values in place of `%s` (as text), `%I` (as a name of SQL), `%L` (as a literal of SQL) and `%n$s` (value n); `%%` is a percent sign.",
      example: "format('Hello %s, %2$s', 'World', 1) = 'Hello World, 1'"),
  ]

  private static func joined(_ parameters: [Overload.Parameter]) -> Overload {
    Overload(
      parameters, result: { $0.contains { $0.isNested } ? nil : .string }
    ) { arguments in
      let text = ValueText(try arguments.clock())
      return try arguments.strings { row, bytes in
        for index in 0...1 {
          text.append(arguments.scalar(index, row), arguments.vectors[index].type, to: &bytes)
        }
      }
    }
  }

  // MARK: Searching

  private static let searching: [Function] = {
    @Sendable func position(_ text: UnsafeRawBufferPointer, _ part: UnsafeRawBufferPointer) -> Int32 {
      ByteText.position(of: part, in: text).map {
        Int32(Letters.count(UnsafeRawBufferPointer(rebasing: text[..<$0])) + 1)
      } ?? 0
    }
    return [
      Function(
        "strpos", [.ofTexts(.int32) { position($0, $1) }],
        help: "The position (from 1) of the second text in the first; 0 if it is not there.",
        example: "strpos('high', 'ig') = 2"),
      Function(
        "position", [.ofTexts(.int32) { position($1, $0) }],
        help:
          "The position (from 1) of the first text in the second, written `position(a IN b)`; 0 if it is not there.",
        example: "position('om', 'Thomas') = 3"),
    ]
  }()

  // MARK: Codes

  private static let codes: [Function] = [
    Function(
      "ascii", [.ofText(.int32) { Int32(Letters.scalars($0).first?.value ?? 0) }],
      help: "The code point of the first character; 0 for an empty text.", example: "ascii('x') = 120"),
    Function(
      "chr",
      [
        Overload([int], result: { _ in .string }, errors: "an error for what is not a code point") {
          arguments in
          let codes: (Int) -> Int32 = try arguments.reader(0)
          return try arguments.strings { row, bytes in
            guard let code = UInt32(exactly: codes(row)), code > 0, let scalar = Unicode.Scalar(code) else {
              throw QueryError("\(codes(row)) is not the code point of a character")
            }
            Letters.append(scalar, to: &bytes)
          }
        }
      ], help: "The character of a code point.", example: "chr(65) = 'A'"),
    Function(
      "to_hex",
      [
        Overload([.exactly(.int64)], result: { _ in .string }) { arguments in
          let numbers: (Int) -> Int64 = try arguments.reader(0)
          return try arguments.strings { $1 += String(UInt64(bitPattern: numbers($0)), radix: 16).utf8 }
        }
      ], help: "The hexadecimal digits of an integer of 64 bits.", example: "to_hex(255) = 'ff'"),
    Function(
      "quote_literal", [.text { FormatText.appendLiteral($0, to: &$1) }], help: "A text as a literal of SQL.",
      example: "length(quote_literal('a')) = 3"),
    Function(
      "quote_ident", [.text { FormatText.appendName($0, to: &$1) }], help: "A text as a name of SQL.",
      example: "quote_ident('Foo bar') = '\"Foo bar\"'"),
    Function(
      "url_decode",
      [
        .text(errors: "an error for a broken escape or bytes that are not UTF-8") { text, bytes in
          let text = String(decoding: text, as: UTF8.self)
          guard let decoded = PercentEncoding.bytes(text),
            let valid = String(validating: decoded, as: UTF8.self)
          else {
            throw QueryError("'\(text.prefix(80))' is not a text with escapes as in URLs")
          }
          bytes += valid.utf8
        }
      ], help: "The escapes `%XX` of a URL replaced by their bytes.", example: "url_decode('a%20b') = 'a b'"),
    Function(
      "url_encode", [.text { $1 += PercentEncoding.encode(String(decoding: $0, as: UTF8.self)).utf8 }],
      help: "Everything but letters, digits, `-`, `_`, `.` and `~` as `%XX`.",
      example: "url_encode('a b') = 'a%20b'"),
  ]
}

extension ByteText {
  /// The parts between separators; the whole text for an empty separator.
  static func split(_ text: UnsafeRawBufferPointer, _ separator: UnsafeRawBufferPointer) -> [Range<Int>] {
    if separator.isEmpty { return [0..<text.count] }
    var parts: [Range<Int>] = []
    var start = 0
    while let found = position(of: separator, in: text, from: start) {
      parts.append(start..<found)
      start = found + separator.count
    }
    parts.append(start..<text.count)
    return parts
  }
}
