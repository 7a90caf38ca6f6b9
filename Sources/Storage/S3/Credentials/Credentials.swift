import Foundation

/// Keys that requests are signed with. Nothing that prints one shows a secret.
package struct Credentials: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  package var accessKey: String
  package var secretKey: String
  package var sessionToken: String?
  /// nil for keys that do not end.
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

/// A place where credentials may be.
package protocol CredentialSource: Sendable {
  /// As errors call it: `the environment`.
  var name: String { get }
  /// Blocking.
  /// - Returns: nil where this source is not set up; the next one is asked then.
  /// - Throws: `StorageError` where it is set up and does not work: no other is asked.
  func load() throws -> Credentials?
}
