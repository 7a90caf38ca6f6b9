/// A setting that the engine knows. Error messages, the JSON schema and the reference are made from these.
package struct SettingKey: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case text
    case flag
    case integer(ClosedRange<Int>)
    case choice([String])
  }

  package let name: String
  package let kind: Kind
  /// One sentence for the schema and the reference.
  package let help: String

  /// What is expected where `value` does not fit; nil where it fits. Never shows the value: it may be a secret.
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

  /// Settings that begin with this go to librdkafka as they are, less the prefix.
  package static let passThrough = "kafka."
  /// Settings that begin with this are for Apache Spark; on other masters they mean nothing.
  package static let sparkPrefix = "spark."
}
