import Foundation
import Synchronization

/// Gives the credentials of the first source that has some, and renews them before they expire. Blocking; any thread.
package final class CredentialChain: Sendable {
  private struct State {
    var credentials: Credentials?
    /// The source that gave them; only this one is asked again.
    var source: Int?
    /// After a failed renewal: when to try again.
    var nextTry = Date.distantPast
  }

  /// Credentials are renewed this long before they expire: longer than any request takes.
  private static let margin: TimeInterval = 300
  private static let pause: TimeInterval = 10

  private let sources: [any CredentialSource]
  private let now: @Sendable () -> Date
  // Held while a source is asked: one thread asks, the others get its answer.
  private let state = Mutex(State())

  /// - Parameter now: The clock; tests set their own.
  package init(_ sources: [any CredentialSource], now: @escaping @Sendable () -> Date = { Date() }) {
    self.sources = sources
    self.now = now
  }

  /// - Throws: `StorageError.invalid` naming all sources if none has any.
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
          // The old credentials are still valid for a while.
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
        location: "S3 credentials",
        message: "none found; tried \(sources.map(\.name).joined(separator: ", ")). "
          + "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
    }
  }

  /// The server says that these have expired: the next call asks the source again.
  package func discard(_ credentials: Credentials) {
    state.withLock { if $0.credentials == credentials, $0.source != nil { $0.credentials = nil } }
  }
}
