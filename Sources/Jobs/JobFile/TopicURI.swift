/// A Kafka topic, as a job file names it: `kafka://broker:port/topic`. Several brokers are separated by commas.
package struct TopicURI: Hashable, Sendable, CustomStringConvertible {
  package static let scheme = "kafka"
  package static let form = "kafka://broker:port/topic"

  package let brokers: String
  package let topic: String

  /// Whether the text is meant as a topic, well-formed or not.
  package static func names(_ text: String) -> Bool { text.lowercased().hasPrefix(scheme + ":") }

  /// nil where the text does not have ``form``.
  package init?(_ text: String) {
    guard TopicURI.names(text) else { return nil }
    let parts = text.dropFirst(TopicURI.scheme.count + 1).split(
      separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0].isEmpty, parts[1].isEmpty, !parts[2].isEmpty, !parts[3].isEmpty,
      !text.utf8.contains(0)
    else { return nil }
    brokers = String(parts[2])
    topic = String(parts[3])
  }

  package var description: String { "\(TopicURI.scheme)://\(brokers)/\(topic)" }
}
