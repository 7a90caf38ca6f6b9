import Basics

/// Engine settings for one job, by name: `s3.endpoint`, `kafka.security.protocol`. They come from the `conf` of the job file,
/// then from `--conf`. They travel with the job, and to the workers inside the stages' parameters.
///
/// Some settings are secrets. Whatever prints, logs or mirrors a value of this type shows ``redacted`` in their place; only
/// `subscript`, `values` and the encoded bytes reveal them.
package struct Settings: Hashable, Sendable, WireCodable {
  /// Shown in place of a secret.
  package static let redacted = "***"

  /// All values, including secrets. Never show these to people.
  package private(set) var values: [String: String]

  package init(_ values: [String: String] = [:]) { self.values = values }

  package subscript(key: String) -> String? {
    get { values[key] }
    set { values[key] = newValue }
  }

  package var isEmpty: Bool { values.isEmpty }

  /// The settings whose names start with `prefix`, with the prefix removed. For example, `kafka.` gives the librdkafka
  /// settings.
  package func under(_ prefix: String) -> [String: String] {
    var found: [String: String] = [:]
    for (key, value) in values where key.hasPrefix(prefix) {
      found[String(key.dropFirst(prefix.count))] = value
    }
    return found
  }

  /// The settings as shown to people: every key, with secrets replaced.
  package var shown: [String: String] {
    var shown: [String: String] = [:]
    for (key, value) in values { shown[key] = Settings.shown(key, value) }
    return shown
  }

  /// The value as shown to people: redacted if it is a secret or a URL with user information.
  package static func shown(_ key: String, _ value: String) -> String {
    isSecret(key) || hasUser(value) ? redacted : value
  }

  /// Errs on the side of hiding too much: also covers keys that this version does not know, and settings that only name a file
  /// containing a secret.
  package static func isSecret(_ key: String) -> Bool {
    let key = key.lowercased()
    return secretWords.contains { key.contains($0) }
  }

  private static let secretWords = [
    "secret", "password", "passwd", "passphrase", "token", "credential", "key", "jaas", "oauthbearer",
    "auth", "pem",
  ]

  /// Whether the value is a URL with user information, such as `http://user:password@host`.
  private static func hasUser(_ value: String) -> Bool {
    value.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false).dropFirst()
      .contains { $0.contains("@") }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(values.count)
    // Sorted, so that equal settings have equal bytes.
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      writer.string(key)
      writer.string(value)
    }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    values = [:]
    let count = try reader.count()
    for _ in 0..<count {
      let key = try reader.string()
      guard values.updateValue(try reader.string(), forKey: key) == nil else {
        throw .invalid("a setting is there twice")
      }
    }
  }
}

extension Settings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String {
    shown.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  package var debugDescription: String { "Settings(\(description))" }

  package var customMirror: Mirror { Mirror(self, children: ["values": shown]) }
}
