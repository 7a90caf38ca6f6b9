import Columns

/// `regexp_…`: regular expressions in RE2's syntax.
enum RegularFunctions {
  static let group = FunctionGroup(
    "Regular expressions",
    [
      Function(
        "regexp_replace", variants(3, .string) { try replace($0, $1) },
        help: """
          The first match (with the option `g` all) of a pattern replaced; `\\1` to `\\9` stand for groups, `\\&` for the match. \
          Options: `g` all, `i` without case, `n` by lines.
          """, example: "regexp_replace('Thomas', '.[mN]a.', 'M') = 'ThM'"),
      Function(
        "regexp_like", [like(2), like(3)], help: "Whether a pattern matches a part of the text.",
        example: "regexp_like('Hello', 'l+') = true"),
      Function(
        "regexp_count", [count(2), count(3)], help: "How many matches there are.",
        example: "regexp_count('123456789012', '\\d{3}') = 4"),
      Function(
        "regexp_substr", [substring, substringWithOptions], help: "The first match; null if there is none.",
        example: "regexp_substr('foobarbaz', 'b.') = 'ba'"),
      Function(
        "regexp_extract", [extract(2), extract(3)],
        help: "The first match, or its group n; an empty text if there is none.",
        example: "regexp_extract('user42', '([a-z]+)(\\d+)', 2) = '42'"),
      Function(
        "regexp_match", [match(2), match(3)],
        help:
          "The groups of the first match as a list, or the whole match if the pattern has no groups; null if there is none.",
        example: "regexp_match('foobarbequebaz', '(bar)(beque)') = ARRAY['bar', 'beque']"),
      Function(
        "regexp_matches", [matches(2), matches(3)],
        help:
          "A list of the first match's groups, with the option `g` of all matches', each as `regexp_match` returns it.",
        example: "array_length(regexp_matches('foobarbaz', 'ba.', 'g')) = 2"),
      Function(
        "regexp_split_to_array", [split(2), split(3)], help: "The parts between matches.",
        example: "regexp_split_to_array('hello  world', '\\s+') = ARRAY['hello', 'world']"),
    ])

  private static let errors = "an error for a pattern or options that are wrong"
  private static let text = Overload.Parameter.exactly(.string)

  /// What gives the regular expression of each row.
  private struct Patterns {
    let arguments: Arguments
    let optionsIndex: Int?
    private let constant: (RegularExpression, RegularExpression.Options)?

    init(_ arguments: Arguments, options optionsIndex: Int?) throws {
      self.arguments = arguments
      self.optionsIndex = optionsIndex
      let areConstant =
        arguments.vectors[1].isConstant && (optionsIndex.map { arguments.vectors[$0].isConstant } ?? true)
      constant = areConstant ? try Patterns.make(arguments, optionsIndex, 0) : nil
    }

    private static func make(
      _ arguments: Arguments, _ optionsIndex: Int?, _ row: Int
    ) throws -> (RegularExpression, RegularExpression.Options) {
      func text(_ index: Int) -> String {
        if case .bytes(let bytes) = arguments.scalar(index, row) {
          String(decoding: bytes, as: UTF8.self)
        } else {
          ""
        }
      }
      let options = try optionsIndex.map { try RegularExpression.Options(text($0)) } ?? .init()
      return (try RegularExpression.compile(text(1), options), options)
    }

    subscript(row: Int) -> (RegularExpression, RegularExpression.Options) {
      get throws { try constant ?? Patterns.make(arguments, optionsIndex, row) }
    }
  }

  /// The overloads without and with options.
  private static func variants(
    _ count: Int, _ result: ColumnType, _ evaluate: @escaping @Sendable (Arguments, Int?) throws -> Column
  ) -> [Overload] {
    let texts = Array(repeating: text, count: count)
    return [
      Overload(texts, result: { _ in result }, errors: errors) { try evaluate($0, nil) },
      Overload(texts + [text], result: { _ in result }, errors: errors) { try evaluate($0, count) },
    ]
  }

  private static func texts(
    _ count: Int, _ result: ColumnType, _ body: @escaping @Sendable (Arguments, Int?) throws -> Column
  ) -> Overload {
    variants(2, result, body)[count - 2]
  }

  // MARK: Kernels

  private static func replace(_ arguments: Arguments, _ options: Int?) throws -> Column {
    let patterns = try Patterns(arguments, options: options)
    return try arguments.withStrings(0, 2) { texts, replacements in
      try arguments.strings { row, bytes in
        let (regex, options) = try patterns[row]
        let text = texts[row]
        var position = 0
        regex.eachMatch(text) { groups, whole in
          bytes.append(contentsOf: text[position..<whole.lowerBound])
          append(replacements[row], text, groups, to: &bytes)
          position = whole.upperBound
          return options.isGlobal
        }
        bytes.append(contentsOf: text[position...])
      }
    }
  }

  private static func append(
    _ replacement: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer, _ groups: [Range<Int>?],
    to bytes: inout [UInt8]
  ) {
    var index = 0
    while index < replacement.count {
      let byte = replacement[index]
      index += 1
      guard byte == UInt8(ascii: "\\"), index < replacement.count else {
        bytes.append(byte)
        continue
      }
      let next = replacement[index]
      index += 1
      switch next {
      case UInt8(ascii: "&"): if let whole = groups[0] { bytes.append(contentsOf: text[whole]) }
      case UInt8(ascii: "1")...UInt8(ascii: "9"):
        let group = Int(next - UInt8(ascii: "0"))
        if group < groups.count, let range = groups[group] { bytes.append(contentsOf: text[range]) }
      case UInt8(ascii: "\\"): bytes.append(next)
      default: bytes += [byte, next]
      }
    }
  }

  private static func like(_ count: Int) -> Overload {
    texts(count, .bool) { arguments, options in
      let patterns = try Patterns(arguments, options: options)
      return try arguments.withStrings(0) { texts in
        Column(.bool(try arguments.fill { try patterns[$0].0.matches(texts[$0]) }))
      }
    }
  }

  private static func count(_ count: Int) -> Overload {
    texts(count, .int32) { arguments, options in
      let patterns = try Patterns(arguments, options: options)
      return try arguments.withStrings(0) { texts in
        Column(
          .int32(
            try arguments.fill { row in
              var count: Int32 = 0
              try patterns[row].0.eachMatch(texts[row]) { _, _ in
                count += 1
                return true
              }
              return count
            }))
      }
    }
  }

  /// The first group of the first match, or the whole match if the pattern has no groups.
  static let substring = texts(2, .string) { arguments, options in
    try first(arguments, options) { $0.count > 1 ? $0[1] : $0[0] }
  }

  private static let substringWithOptions = texts(3, .string) { arguments, options in
    try first(arguments, options) { $0[0] }
  }

  private static func first(
    _ arguments: Arguments, _ options: Int?, _ choose: ([Range<Int>?]) -> Range<Int>?
  ) throws -> Column {
    let patterns = try Patterns(arguments, options: options)
    return try arguments.withStrings(0) { texts in
      try arguments.stringsOrNulls { row, bytes in
        guard let groups = try patterns[row].0.search(texts[row], from: 0), let range = choose(groups) else {
          return false
        }
        bytes.append(contentsOf: texts[row][range])
        return true
      }
    }
  }

  private static func extract(_ count: Int) -> Overload {
    Overload(
      [text, text] + (count == 3 ? [.exactly(.int32)] : []), result: { _ in .string },
      errors: "an error for a pattern that is wrong, or a group that it lacks"
    ) { arguments in
      let patterns = try Patterns(arguments, options: nil)
      let numbers: ((Int) -> Int32)? = count == 3 ? try arguments.reader(2) : nil
      return try arguments.withStrings(0) { texts in
        try arguments.strings { row, bytes in
          let (regex, _) = try patterns[row]
          let group = numbers.map { Int($0(row)) } ?? 0
          guard (0...regex.groups).contains(group) else {
            throw QueryError("the pattern has \(regex.groups) groups, not \(group)")
          }
          guard let groups = regex.search(texts[row], from: 0), let range = groups[group] else { return }
          bytes.append(contentsOf: texts[row][range])
        }
      }
    }
  }

  private static func match(_ count: Int) -> Overload {
    texts(count, .list(.string)) { arguments, options in
      let patterns = try Patterns(arguments, options: options)
      return try arguments.withStrings(0) { texts in
        try arguments.scalars { row in
          guard let groups = try patterns[row].0.search(texts[row], from: 0) else { return .null }
          return list(groups, texts[row])
        }
      }
    }
  }

  private static func list(_ groups: [Range<Int>?], _ text: UnsafeRawBufferPointer) -> ScalarValue {
    .list(
      groups[(groups.count > 1 ? 1 : 0)...].map { range in
        range.map { .bytes(Array(text[$0])) } ?? .null
      })
  }

  private static func matches(_ count: Int) -> Overload {
    texts(count, .list(.list(.string))) { arguments, options in
      let patterns = try Patterns(arguments, options: options)
      return try arguments.withStrings(0) { texts in
        try arguments.scalars { row in
          let (regex, options) = try patterns[row]
          var found: [ScalarValue] = []
          regex.eachMatch(texts[row]) { groups, _ in
            found.append(list(groups, texts[row]))
            return options.isGlobal
          }
          return .list(found)
        }
      }
    }
  }

  private static func split(_ count: Int) -> Overload {
    texts(count, .list(.string)) { arguments, options in
      let patterns = try Patterns(arguments, options: options)
      return try arguments.withStrings(0) { texts in
        try arguments.scalars { row in
          let text = texts[row]
          var parts: [ScalarValue] = []
          var position = 0
          try patterns[row].0.eachMatch(text) { _, whole in
            // An empty match at an end, or right after the match before, cuts nothing.
            if whole.isEmpty, whole.lowerBound == position || whole.lowerBound == text.count {
              if whole.lowerBound == 0 || whole.lowerBound == text.count { return true }
            }
            parts.append(.bytes(Array(text[position..<whole.lowerBound])))
            position = whole.upperBound
            return true
          }
          return .list(parts + [.bytes(Array(text[position...]))])
        }
      }
    }
  }
}
