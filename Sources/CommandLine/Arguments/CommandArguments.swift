import Basics
import Foundation
import Transport

/// The arguments of a command, with typed access.
package struct CommandArguments: Sendable {
  package internal(set) var positional: [String] = []
  package let command: Command
  package var given: [String: [String]] = [:]

  package init(command: Command) { self.command = command }

  package func flag(_ name: String) -> Bool { given[name] != nil }

  /// All values of a repeated option, in order.
  package func values(_ name: String) -> [String] { given[name] ?? [] }

  /// The given value, else the default, else nil.
  package func value(_ name: String) -> String? {
    given[name]?.last ?? command.options.first { $0.name == name }?.defaultValue
  }

  package func required(_ name: String) throws(UsageError) -> String {
    guard let value = value(name) else { throw UsageError("--\(name) is missing") }
    return value
  }

  /// The one positional argument.
  package func onePositional() throws(UsageError) -> String {
    guard let first = positional.first else {
      throw UsageError("\(command.positional ?? "an argument") is missing")
    }
    guard positional.count == 1 else {
      throw UsageError("expected one \(command.positional ?? "argument"), also found '\(positional[1])'")
    }
    return first
  }

  /// nil if the option is absent and has no default.
  package func integer(_ name: String, in range: ClosedRange<Int> = 0...Int.max) throws(UsageError) -> Int? {
    guard let text = value(name) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      let limits =
        range.upperBound == Int.max
        ? "≥ \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw UsageError("--\(name): expected an integer \(limits), found '\(text)'")
    }
    return value
  }

  /// A finite number; nil if the option is absent and has no default.
  package func number(_ name: String, min: Double = 0) throws(UsageError) -> Double? {
    guard let text = value(name) else { return nil }
    guard let value = Double(text), value.isFinite, value >= min else {
      throw UsageError("--\(name): expected a number ≥ \(min), found '\(text)'")
    }
    return value
  }

  /// Bytes, written as `2g`, `512m`, `64k` or a plain number (powers of 1024).
  package func bytes(_ name: String) throws(UsageError) -> Int? {
    guard let text = value(name) else { return nil }
    guard let value = ByteSize.parse(text), value > 0 else {
      throw UsageError("--\(name): expected a size such as 512m or 2g, found '\(text)'")
    }
    return value
  }

  /// `HOST:PORT`.
  package func endpoint(_ name: String) throws(UsageError) -> Endpoint {
    let text = try required(name)
    do throws(TransportError) {
      return try Endpoint(text)
    } catch {
      throw UsageError("--\(name): \(error)")
    }
  }

  /// The secret from `--secret-file` or the environment.
  package func secret() throws(UsageError) -> Secret? {
    do throws(SecretError) {
      return try Secret.find(file: value("secret-file"), environment: ProcessInfo.processInfo.environment)
    } catch {
      throw UsageError("--secret-file: \(error)")
    }
  }

  /// `NAME=VALUE` pairs in order, split at the first `=`. Errors show only the name, because the value may be secret.
  package func pairs(_ name: String) throws(UsageError) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    for text in values(name) {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        let start = text.prefix { $0.isLetter || $0.isNumber || "._-".contains($0) }
        let shown = start.count == text.count ? text : start + "…"
        throw UsageError("--\(name): expected NAME=VALUE, found '\(shown)'")
      }
      pairs.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
    }
    return pairs
  }
}
