/// When a request that failed is sent again: a pure value. Exponential back-off with full jitter, so that clients that failed
/// together do not come back together, within a budget of time.
package struct RetryPolicy: Hashable, Sendable {
  package var first: Duration = .milliseconds(100)
  package var longest: Duration = .seconds(10)
  package var budget: Duration

  package init(budget: Duration) { self.budget = budget }

  /// What became of an attempt.
  package enum Outcome: Hashable, Sendable {
    case status(Int)
    /// No response: the connection was refused, lost, silent, or ended before the promised length.
    case lost
    /// The same request would fail again.
    case hopeless
  }

  /// - Parameters:
  ///   - code: S3's error code, where there is one.
  package static func isWorthAnother(_ outcome: Outcome, code: String?) -> Bool {
    switch outcome {
    case .lost: true
    case .hopeless: false
    case .status(let status):
      switch status {
      case 408, 429, 500, 502, 503, 504, 509: true
      // A success whose body is an error (CompleteMultipartUpload), and errors that say so themselves.
      default: code.map { passing.contains($0) } ?? false
      }
    }
  }

  private static let passing: Set<String> = [
    "SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling", "ThrottlingException",
    "OperationAborted", "ConditionalRequestConflict", "RequestLimitExceeded",
    "BandwidthLimitExceeded", "IncompleteBody", "BadDigest",
  ]

  /// - Parameters:
  ///   - attempt: How many were made, from 1.
  ///   - elapsed: Since the first began.
  ///   - jitter: Random, from 0 to 1.
  ///   - retryAfter: What the server asks for.
  /// - Returns: How long to wait before the next one; nil to give up.
  package func delay(
    after attempt: Int, elapsed: Duration, jitter: Double, retryAfter: Duration? = nil
  ) -> Duration? {
    let doublings = min(max(0, attempt - 1), 30)
    let ceiling = min(longest, first * (1 << doublings))
    // Never at once: a server that refuses connections would be asked thousands of times a second.
    let delay = max(first / 2, ceiling * min(1, max(0, jitter)), min(retryAfter ?? .zero, longest))
    return elapsed + delay <= budget ? delay : nil
  }
}
