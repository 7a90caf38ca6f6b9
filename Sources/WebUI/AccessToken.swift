import Foundation
import Transport

/// What allows changes by HTTP. Never printed, as it is a ``Secret``.
package struct AccessToken: Sendable {
  package static let variable = "SWIFTLET_TOKEN"
  private let secret: Secret

  package init(_ text: String) throws(SecretError) {
    secret = try Secret(Array(text.utf8), from: AccessToken.variable)
  }

  private init(file: String) throws(SecretError) { secret = try Secret(file: file) }

  /// That of `--token-file`, else of the environment, else none.
  package static func find(
    file: String?, environment: [String: String]
  ) throws(SecretError) -> AccessToken? {
    if let file { return try AccessToken(file: file) }
    return try environment[variable].map { text throws(SecretError) in try AccessToken(text) }
  }

  /// Takes the same time wherever the difference is.
  package func matches(_ given: String?) -> Bool { given.map { secret.equals(Array($0.utf8)) } ?? false }
}
