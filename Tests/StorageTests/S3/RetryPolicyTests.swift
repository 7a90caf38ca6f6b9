import Storage
import TestSupport
import Testing

@Suite struct RetryPolicyTests {
  private let policy = RetryPolicy(budget: .seconds(60))

  @Test func whatMayPass() {
    for status in [408, 429, 500, 502, 503, 504] {
      #expect(RetryPolicy.isWorthAnother(.status(status), code: nil))
    }
    for status in [200, 301, 400, 401, 403, 404, 409, 411, 412, 416, 501] {
      #expect(!RetryPolicy.isWorthAnother(.status(status), code: "AccessDenied"))
    }
    // The code knows more than the status.
    #expect(RetryPolicy.isWorthAnother(.status(200), code: "InternalError"))
    #expect(RetryPolicy.isWorthAnother(.status(400), code: "RequestTimeout"))
    #expect(RetryPolicy.isWorthAnother(.status(409), code: "OperationAborted"))
    #expect(RetryPolicy.isWorthAnother(.lost, code: nil))
    #expect(!RetryPolicy.isWorthAnother(.hopeless, code: nil))
  }

  @Test func theCeilingDoublesUpToTheLongest() {
    func most(_ attempt: Int) -> Duration? { policy.delay(after: attempt, elapsed: .zero, jitter: 1) }
    #expect(most(1) == .milliseconds(100))
    #expect(most(2) == .milliseconds(200))
    #expect(most(5) == .milliseconds(1600))
    #expect(most(8) == .seconds(10))
    #expect(most(1_000_000) == .seconds(10))
  }

  @Test func jitterIsFullButNeverNothing() {
    #expect(policy.delay(after: 6, elapsed: .zero, jitter: 0.5) == .milliseconds(1600))
    #expect(policy.delay(after: 6, elapsed: .zero, jitter: 0) == .milliseconds(50))
    #expect(policy.delay(after: 6, elapsed: .zero, jitter: -3) == .milliseconds(50))
    #expect(policy.delay(after: 6, elapsed: .zero, jitter: 9) == .milliseconds(3200))
  }

  @Test func theServerMayAskForMore() {
    #expect(policy.delay(after: 1, elapsed: .zero, jitter: 0, retryAfter: .seconds(3)) == .seconds(3))
    #expect(policy.delay(after: 1, elapsed: .zero, jitter: 0, retryAfter: .seconds(3600)) == .seconds(10))
  }

  @Test func theBudgetEnds() {
    #expect(policy.delay(after: 3, elapsed: .milliseconds(59_900), jitter: 0) != nil)
    #expect(policy.delay(after: 3, elapsed: .milliseconds(59_900), jitter: 1) == nil)
    #expect(policy.delay(after: 3, elapsed: .seconds(61), jitter: 0) == nil)
    #expect(RetryPolicy(budget: .zero).delay(after: 1, elapsed: .zero, jitter: 0) == nil)
  }
}
