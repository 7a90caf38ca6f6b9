/// A setting that the engine knows. Error messages, the JSON schema and the reference documentation are generated from these.
package struct SettingKey: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case text
    case flag
    case integer(ClosedRange<Int>)
    case choice([String])
  }

  package let name: String
  package let kind: Kind
  /// One sentence for the schema and the reference documentation.
  package let help: String

  /// Describes what is expected if `value` is invalid; nil if it is valid. Never shows the value, which may be a secret.
  package func expectation(of value: String) -> String? {
    switch kind {
    case .text: value.isEmpty ? "a value that is not empty" : nil
    case .flag: ["true", "false"].contains(value) ? nil : "true or false"
    case .integer(let range):
      Int(value).map(range.contains) == true
        ? nil : "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let choices):
      choices.contains(value) ? nil : "one of " + choices.map { "\"\($0)\"" }.joined(separator: ", ")
    }
  }

  package init(name: String, kind: Kind, help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  /// Settings with this prefix are passed to librdkafka unchanged, without the prefix.
  package static let passThrough = "kafka."
  /// Settings with this prefix are for Apache Spark; other masters ignore them.
  package static let sparkPrefix = "spark."
}
