import Basics

/// Replaces `${name}` in the strings of a job file. `$${` stands for the characters `${`.
package struct Variables {
  private struct Definition {
    let value: JSONValue
    let location: String
    let fromCommandLine: Bool
  }

  /// Longer values are refused, because variables within variables grow exponentially.
  private static let lengthLimit = 1 << 16
  private static let depthLimit = 64

  private var definitions: [String: Definition] = [:]
  /// nil for a variable that could not be resolved; its definition was reported.
  private var resolved: [String: JSONValue?] = [:]
  private var used: Set<String> = []
  package private(set) var errors: [JobFileError] = []

  /// Later definitions replace earlier ones.
  package mutating func define(
    _ name: String, _ value: JSONValue, location: String, fromCommandLine: Bool = false
  ) {
    guard Variables.isName(name) else {
      errors.append(
        JobFileError(
          location: location, message: "a variable's name has letters, digits, '_', '-' and '.' only"))
      return
    }
    switch value {
    case .string, .integer, .number, .bool:
      definitions[name] = Definition(value: value, location: location, fromCommandLine: fromCommandLine)
    default:
      errors.append(
        JobFileError(
          location: location,
          message: "expected a string, number or boolean, found \(FieldCheck.found(value))"))
    }
  }

  /// - Returns: The value of `text`, with the variable's type if `text` is a single variable, and
  ///   whether any variable was replaced; nil after a mistake, which is collected.
  package mutating func substitute(_ text: String, location: String) -> (value: JSONValue, replaced: Bool)? {
    substitute(text, location: location, path: [])
  }

  /// Reports mistakes in unused variables, and unknown variables from the command line.
  package mutating func finish() {
    for name in definitions.keys.sorted() { _ = resolve(name, path: []) }
    for (name, definition) in definitions.sorted(by: { $0.key < $1.key })
    where definition.fromCommandLine && !used.contains(name) {
      let known = used.union(definitions.keys).subtracting([name]).sorted()
      errors.append(
        JobFileError(
          location: definition.location,
          message: "the job has no variable '\(name)'" + Nearest.hint(name, among: known)))
    }
  }

  /// The value escaped, so that substitution gives the original back.
  package static func escaped(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): .string(escaped(text))
    case .array(let items): .array(items.map(escaped))
    default: value
    }
  }

  package static func escaped(_ text: String) -> String {
    text.split(separator: "${", omittingEmptySubsequences: false).joined(separator: "$${")
  }

  package static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 200
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
  }

  private mutating func substitute(
    _ text: String, location: String, path: [String]
  ) -> (value: JSONValue, replaced: Bool)? {
    var result = ""
    var only: JSONValue?
    var rest = text[...]
    var replaced = false
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        result += "${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${") {
        guard let close = rest.firstIndex(of: "}") else {
          return note(location, "'${' without '}' (write $${ for a literal ${)")
        }
        let name = String(rest[rest.index(rest.startIndex, offsetBy: 2)..<close])
        guard Variables.isName(name) else {
          return note(location, "'${\(name)}' is not a variable (write $${ for a literal ${)")
        }
        guard let value = value(of: name, location: location, path: path) else { return nil }
        if result.isEmpty, !replaced, rest.index(after: close) == rest.endIndex { only = value }
        result += Variables.text(value)
        replaced = true
        rest = rest[rest.index(after: close)...]
      } else {
        result += "$"
        rest = rest.dropFirst()
      }
      guard result.utf8.count <= Variables.lengthLimit else {
        return note(location, "the value is longer than 64 KiB")
      }
    }
    result += rest
    return (only ?? .string(result), replaced)
  }

  private mutating func value(of name: String, location: String, path: [String]) -> JSONValue? {
    used.insert(name)
    guard definitions[name] != nil else {
      return note(
        location, "undefined variable '\(name)'" + Nearest.hint(name, among: definitions.keys.sorted()))
    }
    return resolve(name, path: path)
  }

  private mutating func resolve(_ name: String, path: [String]) -> JSONValue? {
    if let known = resolved[name] { return known }
    guard let definition = definitions[name] else { return nil }
    guard case .string(let text) = definition.value else {
      resolved[name] = definition.value
      return definition.value
    }
    if let start = path.firstIndex(of: name) {
      let cycle = (path[start...] + [name]).joined(separator: " → ")
      return note(definition.location, "the variable refers to itself: \(cycle)")
    }
    guard path.count < Variables.depthLimit else {
      return note(definition.location, "variables nested deeper than \(Variables.depthLimit)")
    }
    let value = substitute(text, location: definition.location, path: path + [name])?.value
    resolved[name] = .some(value)
    return value
  }

  private mutating func note<T>(_ location: String, _ message: String) -> T? {
    errors.append(JobFileError(location: location, message: message))
    return nil
  }

  private static func text(_ value: JSONValue) -> String {
    if case .string(let text) = value { text } else { JSONText.compact(value) }
  }
}
