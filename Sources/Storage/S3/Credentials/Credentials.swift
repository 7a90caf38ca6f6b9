import Foundation

/// Keys for signing requests. Printing them shows no secret.
package struct Credentials: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  package var accessKey: String
  package var secretKey: String
  package var sessionToken: String?
  /// nil for keys that do not expire.
  package var expiration: Date?
  /// Where they came from, for errors.
  package var source: String

  package init(
    accessKey: String, secretKey: String, sessionToken: String? = nil, expiration: Date? = nil, source: String
  ) {
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.sessionToken = sessionToken
    self.expiration = expiration
    self.source = source
  }

  package var description: String { "credentials from \(source)" }
  package var customMirror: Mirror { Mirror(self, children: ["source": source]) }
}

/// A source of credentials.
package protocol CredentialSource: Sendable {
  /// For errors: `the environment`.
  var name: String { get }
  /// Blocking.
  /// - Returns: nil if this source is not configured; the next one is tried then.
  /// - Throws: `StorageError` if it is configured but fails; no other is tried then.
  func load() throws -> Credentials?
}
