import Columns

// Texts of several values.

extension TextFunctions {
  static let joining: [Function] = [
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
}
