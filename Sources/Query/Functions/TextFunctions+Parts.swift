import Columns

// Parts of texts, and lists of parts.

extension TextFunctions {
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

  static let slicing: [Function] = {
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
}
