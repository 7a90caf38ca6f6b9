/// When a failed request is sent again: exponential back-off with full jitter, so that clients that failed together do not retry together,
/// within a time budget. A pure value.
package struct RetryPolicy: Hashable, Sendable {
  package var first: Duration = .milliseconds(100)
  package var longest: Duration = .seconds(10)
  package var budget: Duration

  package init(budget: Duration) { self.budget = budget }

  /// How an attempt ended.
  package enum Outcome: Hashable, Sendable {
    case status(Int)
    /// No response, or one that is too short: connection refused, lost or silent.
    case lost
    /// The same request would fail again.
    case hopeless
  }

  /// - Parameters:
  ///   - code: S3's error code, if any.
  package static func isWorthAnother(_ outcome: Outcome, code: String?) -> Bool {
    switch outcome {
    case .lost: true
    case .hopeless: false
    case .status(let status):
      switch status {
      case 408, 429, 500, 502, 503, 504, 509: true
      // A success whose body is an error (CompleteMultipartUpload), and temporary errors with other statuses.
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
  ///   - attempt: Number of attempts so far, from 1.
  ///   - elapsed: Since the first attempt started.
  ///   - jitter: Random, from 0 to 1.
  ///   - retryAfter: What the server asked for.
  /// - Returns: How long to wait before the next attempt; nil to give up.
  package func delay(
    after attempt: Int, elapsed: Duration, jitter: Double, retryAfter: Duration? = nil
  ) -> Duration? {
    let doublings = min(max(0, attempt - 1), 30)
    let ceiling = min(longest, first * (1 << doublings))
    // Never at once: that would be thousands of attempts a second if the server refuses connections.
    let delay = max(first / 2, ceiling * min(1, max(0, jitter)), min(retryAfter ?? .zero, longest))
    return elapsed + delay <= budget ? delay : nil
  }
}
