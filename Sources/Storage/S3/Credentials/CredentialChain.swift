import Foundation
import Synchronization

/// Gives the credentials of the first source that has some, and new ones before they end. Blocking; any thread.
package final class CredentialChain: Sendable {
  private struct State {
    var credentials: Credentials?
    /// The source that gave them: it alone is asked again.
    var source: Int?
    /// After a failed renewal, not before then.
    var nextTry = Date.distantPast
  }

  /// Renewed this long before they end: longer than any request with them takes.
  private static let margin: TimeInterval = 300
  private static let pause: TimeInterval = 10

  private let sources: [any CredentialSource]
  private let now: @Sendable () -> Date
  // Held while a source is asked, so that one thread asks and the others get its answer.
  private let state = Mutex(State())

  /// - Parameter now: The clock; tests have their own.
  package init(_ sources: [any CredentialSource], now: @escaping @Sendable () -> Date = { Date() }) {
    self.sources = sources
    self.now = now
  }

  /// - Throws: `StorageError.invalid` where no source has any, naming all of them.
  package func credentials() throws -> Credentials {
    try state.withLock { state in
      let now = now()
      if let known = state.credentials {
        let left = known.expiration?.timeIntervalSince(now) ?? .infinity
        if left > CredentialChain.margin || left > 0 && now < state.nextTry { return known }
        do {
          if let source = state.source, let fresh = try sources[source].load() {
            state.credentials = fresh
            state.nextTry = now.addingTimeInterval(CredentialChain.pause)
            return fresh
          }
        } catch {
          // The old ones still work for a while.
          guard left > 0 else { throw error }
          state.nextTry = now.addingTimeInterval(CredentialChain.pause)
          return known
        }
      }
      for (index, source) in sources.enumerated() {
        guard let found = try source.load() else { continue }
        state.credentials = found
        state.source = index
        return found
      }
      throw StorageError.invalid(
        place: "S3 credentials",
        message: "none found; looked at \(sources.map(\.name).joined(separator: ", ")). "
          + "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
    }
  }

  /// The server says that they have ended, whatever we think: the next call asks anew.
  package func discard(_ credentials: Credentials) {
    state.withLock { if $0.credentials == credentials, $0.source != nil { $0.credentials = nil } }
  }
}
