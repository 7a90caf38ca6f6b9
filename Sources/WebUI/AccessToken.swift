import Foundation
import Transport

/// The token for changes over HTTP. Never printed, as it is a ``Secret``.
package struct AccessToken: Sendable {
  package static let variable = "SWIFTLET_TOKEN"
  private let secret: Secret

  package init(_ text: String) throws(SecretError) {
    secret = try Secret(Array(text.utf8), from: AccessToken.variable)
  }

  private init(file: String) throws(SecretError) { secret = try Secret(file: file) }

  /// The token from `--token-file`, else from the environment, else nil.
  package static func find(
    file: String?, environment: [String: String]
  ) throws(SecretError) -> AccessToken? {
    if let file { return try AccessToken(file: file) }
    return try environment[variable].map { text throws(SecretError) in try AccessToken(text) }
  }

  /// Compares in constant time.
  package func matches(_ given: String?) -> Bool { given.map { secret.equals(Array($0.utf8)) } ?? false }
}
