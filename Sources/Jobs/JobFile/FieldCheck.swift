import Basics

/// Checks a value of a job file against the kind of its field.
enum FieldCheck {
  /// Why a value does not fit; `sublocation` is `[2]` for an array item.
  struct Mismatch: Error {
    var sublocation = ""
    let message: String
  }

  /// - Parameters:
  ///   - fromText: The value is a string with substituted variables, so `5` may stand for an integer.
  ///   - base: Absolute folder that relative paths are resolved against; nil if they are mistakes.
  /// - Returns: The value for the step: integers exact, URIs absolute.
  static func check(
    _ value: JSONValue, _ kind: FieldKind, fromText: Bool = false, base: String?
  ) throws(Mismatch) -> JSONValue {
    switch kind {
    case .either(let first, let second):
      if let value = try? check(value, first, fromText: fromText, base: base) { return value }
      if let value = try? check(value, second, fromText: fromText, base: base) { return value }
      throw mismatch(value, kind)
    case .strings:
      guard case .array(let items) = value else { throw mismatch(value, kind) }
      for (index, item) in items.enumerated() {
        guard case .string = item else {
          throw Mismatch(sublocation: "[\(index)]", message: "expected a string, found \(found(item))")
        }
      }
      return value
    case .uris:
      let items: [JSONValue] = if case .array(let items) = value { items } else { [value] }
      var uris: [JSONValue] = []
      for (index, item) in items.enumerated() {
        guard case .string(let text) = item else {
          throw Mismatch(sublocation: "[\(index)]", message: "expected a path or URI, found \(found(item))")
        }
        uris.append(try checkText(text, .uri, base: base))
      }
      if uris.isEmpty { throw mismatch(value, kind) }
      return .array(uris)
    case .object:
      switch value {
      // What ``ColumnOrder`` has made of it.
      case .object, .array: return value
      default: throw mismatch(value, kind)
      }
    case .string, .uri, .date, .choice, .contents:
      // A variable with a number is accepted where text is expected.
      guard case .string(let text) = fromText ? .string(plainText(value)) : value else {
        throw mismatch(value, kind)
      }
      return try checkText(text, kind, base: base)
    case .bool, .integer, .number:
      return try checkScalar(fromText ? scalar(value) : value, kind, original: value)
    }
  }

  private static func checkText(_ text: String, _ kind: FieldKind, base: String?) throws(Mismatch)
    -> JSONValue
  {
    switch kind {
    case .uri:
      do {
        return .string(try JobURI.absolute(text, base: base))
      } catch {
        throw Mismatch(message: error.description)
      }
    case .date where CivilDate.parse(text) == nil: throw mismatch(.string(text), kind)
    case .choice(let choices) where !choices.contains(text):
      throw Mismatch(message: mismatch(.string(text), kind).message + Nearest.hint(text, among: choices))
    default: return .string(text)
    }
  }

  private static func checkScalar(
    _ value: JSONValue, _ kind: FieldKind, original: JSONValue
  ) throws(Mismatch) -> JSONValue {
    switch (kind, value) {
    case (.bool, .bool): return value
    case (.integer(let min, let max), .integer(let number)):
      if number >= min ?? .min, number <= max ?? .max { return value }
    case (.integer, .number(let number)):
      // 5.0 is an integer, as in JSON Schema.
      if let exact = Int64(exactly: number) {
        return try checkScalar(.integer(exact), kind, original: original)
      }
    case (.number(let min, let max), .integer(let number)):
      if Double(number) >= min ?? -.infinity, Double(number) <= max ?? .infinity { return value }
    case (.number(let min, let max), .number(let number)):
      if number >= min ?? -.infinity, number <= max ?? .infinity { return value }
    default: break
    }
    throw mismatch(original, kind)
  }

  private static func mismatch(_ value: JSONValue, _ kind: FieldKind) -> Mismatch {
    Mismatch(message: "expected \(describe(kind)), found \(found(value))")
  }

  /// Text from variables, parsed as JSON if it is a plain value.
  private static func scalar(_ value: JSONValue) -> JSONValue {
    guard case .string(let text) = value, let parsed = try? JSONText.parse(text) else { return value }
    return parsed
  }

  private static func plainText(_ value: JSONValue) -> String {
    if case .string(let text) = value { text } else { JSONText.compact(value) }
  }

  /// `an integer ≥ 1 or "auto"`
  static func describe(_ kind: FieldKind) -> String {
    switch kind {
    case .string: "a string"
    case .uri: "a path or URI"
    case .date: "a date YYYY-MM-DD"
    case .bool: "true or false"
    case .integer(let min, let max): "an integer" + limits(min.map { "\($0)" }, max.map { "\($0)" })
    case .number(let min, let max): "a number" + limits(min.map(plain), max.map(plain))
    case .strings: "an array of strings"
    case .uris: "a path or URI, or an array of them"
    case .object: "an object"
    case .contents: "the path of a file"
    case .choice(let choices):
      (choices.count > 1 ? "one of " : "") + choices.map(JSONText.quoted).joined(separator: ", ")
    case .either(let first, let second): "\(describe(first)) or \(describe(second))"
    }
  }

  private static func limits(_ min: String?, _ max: String?) -> String {
    switch (min, max) {
    case (let min?, let max?): " from \(min) to \(max)"
    case (let min?, nil): " ≥ \(min)"
    case (nil, let max?): " ≤ \(max)"
    case (nil, nil): ""
    }
  }

  private static func plain(_ number: Double) -> String {
    Int64(exactly: number).map { "\($0)" } ?? "\(number)"
  }

  /// A value for an error message, truncated if long.
  static func found(_ value: JSONValue) -> String {
    let text = JSONText.compact(value)
    return text.count > 60 ? text.prefix(60) + "…" : text
  }
}
