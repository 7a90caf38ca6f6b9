import Foundation

/// One request with its retries. The first attempt starts when the call is created; the thread that calls `finish` does the rest. Used by one
/// thread at a time.
final class S3Call {
  let request: S3Request
  private let client: S3Client
  private let start = ContinuousClock.now
  private var attempts = 0
  private var credentials: Credentials?
  private var current: Result<HTTPTransfer, StorageError>
  /// An earlier attempt may have succeeded although its response was lost.
  private(set) var wasRepeated = false

  init(_ request: S3Request, _ client: S3Client) {
    self.request = request
    self.client = client
    current = .failure(.transient(location: request.location, message: "not started"))
    attempt()
  }

  deinit { cancel() }

  private func attempt() {
    attempts += 1
    request.target?.count = 0
    do throws(StorageError) {
      let credentials = try client.credentials()
      self.credentials = credentials
      let signed = try client.signed(request, credentials)
      do {
        current = .success(try client.loop.start(signed))
      } catch {
        throw StorageError.transient(location: request.location, message: error.description)
      }
    } catch {
      current = .failure(error)
    }
  }

  /// Blocks until there is a response, or the time budget is used up.
  /// - Returns: A response with a 2xx status or one that the request accepts.
  func finish() throws(StorageError) -> ClientResponse {
    while true {
      let transfer = try current.get()
      let outcome: RetryPolicy.Outcome
      let problem: StorageError
      var code: String?
      var retryAfter: Duration?
      do throws(HTTPFailure) {
        let response = try transfer.wait()
        if let failure = failure(in: response) {
          outcome = .status(failure.status)
          code = failure.code
          retryAfter = response.headers["retry-after"].flatMap { Int($0) }.map { .seconds(min($0, 60)) }
          problem = failure.error(
            request.location, client.configuration, credentials: credentials, attempts: attempts)
        } else if response.isSuccess, let expected = request.expected, response.received != expected {
          outcome = .lost
          problem = .corrupt(
            location: request.location,
            message: "the server sent \(response.received) bytes instead of \(expected)")
        } else {
          // Nothing is left to cancel, and `finish` is called once.
          current = .failure(.invalid(location: request.location, message: "already finished"))
          return response
        }
      } catch {
        outcome = error.kind == .transient ? .lost : .hopeless
        let tried = attempts > 1 ? " (tried \(attempts) times)" : ""
        let message = "\(client.configuration.host): \(error.description)\(tried)"
        problem =
          error.kind == .transient
          ? .transient(location: request.location, message: message)
          : .invalid(location: request.location, message: message)
      }
      try prepareNext(outcome, code, retryAfter, problem)
    }
  }

  /// For a response that is no longer needed.
  func cancel() {
    if case .success(let transfer) = current { client.loop.cancel(transfer) }
  }

  private func failure(in response: ClientResponse) -> S3Failure? {
    if request.accepts.contains(response.status) { return nil }
    guard response.isSuccess else { return S3Failure(response) }
    // CompleteMultipartUpload and DeleteObjects may send an error with status 200.
    let isError = request.method == "POST" && S3Failure.element(response.body) != nil
    return isError ? S3Failure(response) : nil
  }

  /// Waits and retries, or gives up.
  private func prepareNext(
    _ outcome: RetryPolicy.Outcome, _ code: String?, _ retryAfter: Duration?, _ problem: StorageError
  ) throws(StorageError) {
    if code == "ExpiredToken" || code == "ExpiredTokenException", attempts == 1, let credentials {
      client.discard(credentials)
    } else {
      guard RetryPolicy.isWorthAnother(outcome, code: code),
        let delay = client.configuration.retry.delay(
          after: attempts, elapsed: start.duration(to: .now), jitter: .random(in: 0...1),
          retryAfter: retryAfter)
      else {
        current = .failure(problem)
        throw problem
      }
      Thread.sleep(forTimeInterval: delay / .seconds(1))
    }
    wasRepeated = true
    attempt()
  }
}
