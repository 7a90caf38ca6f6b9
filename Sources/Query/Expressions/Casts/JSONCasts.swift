import Basics
import Columns

extension TextCasts {
  /// JSON scalars to SQL values: a string's own text, a number's digits. JSON's null is null.
  static func parsingJSON(_ to: ColumnType) -> Casts.Kernel? {
    if to.isNested { return nil }
    guard let parse = parsing(to) else { return nil }
    return Casts.Kernel { cast in
      let texts = try cast.arguments.withStrings(0) { strings in
        try cast.arguments.stringsOrNulls { row, bytes in JSONPath.appendText(strings[row], to: &bytes) }
      }
      let validity = texts.masked(cast.arguments.validity).validity
      let inner = Arguments(
        [Vector(Column(texts.values, validity: validity), .string)], rows: cast.arguments.rows, type: to,
        session: cast.arguments.session, validity: validity)
      let result = try parse.evaluate(
        CastArguments(arguments: inner, from: .string, to: to, isTry: cast.isTry))
      return result.masked(validity)
    }
  }

  static func printingJSON(_ from: ColumnType) -> Casts.Kernel? {
    Casts.Kernel(mayFail: false) { cast in
      let printer = JSONPrinter(ValueText(try cast.arguments.clock()))
      return try cast.arguments.strings { row, bytes in
        printer.append(cast.arguments.scalar(0, row), from, to: &bytes)
      }
    }
  }
}

/// SQL values as JSON text. NaN and infinities, which JSON lacks, become strings.
struct JSONPrinter {
  private let text: ValueText

  init(_ text: ValueText) { self.text = text }

  func append(_ value: ScalarValue, _ type: ColumnType, to bytes: inout [UInt8]) {
    switch (value, type) {
    case (.null, _): bytes += "null".utf8
    case (.bytes(let json), .json): bytes += json
    case (.bool, _), (.int, .int16), (.int, .int32), (.int, .int64), (.decimal, _):
      text.append(value, type, to: &bytes)
    case (.double(let number), _) where number.isFinite: text.append(value, type, to: &bytes)
    case (.float(let number), _) where number.isFinite: text.append(value, type, to: &bytes)
    case (.int, .timestamp), (.int, .timestampTZ), (.int, .timestampMillis):
      // ISO 8601, as PostgreSQL writes times in JSON.
      JSONText.append(text.text(value, type).replacing(" ", with: "T", maxReplacements: 1), to: &bytes)
    case (.list(let items), .list(let element)):
      bytes.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(item, element, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case (.structure(let items), .structure(let fields)):
      bytes.append(UInt8(ascii: "{"))
      for (index, (item, field)) in zip(items, fields).enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONText.append(field.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(item, field.type, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    default: JSONText.append(text.text(value, type), to: &bytes)
    }
  }
}
