import Basics
import Foundation

/// HTTP requests of credential sources.
struct CredentialHTTP: Sendable {
  /// Replaced in tests.
  let request: @Sendable (ClientRequest) throws(HTTPFailure) -> ClientResponse

  /// For servers on this machine or its host, which answer at once or not at all.
  static let nearby = ClientLimits(
    connectSeconds: 1, silenceSeconds: 3, slowestBytes: 1, totalSeconds: 5, responseBytes: 1 << 20,
    usesProxy: false)
  static let remote = ClientLimits(
    connectSeconds: 5, silenceSeconds: 10, slowestBytes: 1, totalSeconds: 30, responseBytes: 1 << 20)

  /// Up to three attempts after temporary failures.
  func send(_ request: ClientRequest, _ location: String) throws(StorageError) -> ClientResponse {
    let policy = RetryPolicy(budget: .seconds(15))
    let start = ContinuousClock.now
    var attempt = 0
    while true {
      attempt += 1
      var outcome: RetryPolicy.Outcome
      var problem: String
      do {
        let response = try self.request(request)
        outcome = .status(response.status)
        guard RetryPolicy.isWorthAnother(outcome, code: nil) else { return response }
        problem = "HTTP \(response.status)"
      } catch {
        outcome = error.kind == .transient ? .lost : .hopeless
        problem = error.description
      }
      guard attempt < 3, RetryPolicy.isWorthAnother(outcome, code: nil),
        let delay = policy.delay(
          after: attempt, elapsed: start.duration(to: .now), jitter: .random(in: 0...1))
      else { throw .transient(location: location, message: "no credentials: \(problem)") }
      Thread.sleep(forTimeInterval: delay / .seconds(1))
    }
  }

  /// Sends a request for the JSON document of container and instance endpoints.
  func credentials(_ request: ClientRequest, location: String, source: String) throws(StorageError)
    -> Credentials
  {
    let response = try send(request, location)
    guard response.isSuccess, let document = try? JSONText.parse(response.body),
      let access = document["AccessKeyId"]?.text, let secret = document["SecretAccessKey"]?.text
    else { throw .invalid(location: location, message: "HTTP \(response.status) without credentials") }
    return Credentials(
      accessKey: access, secretKey: secret, sessionToken: document["Token"]?.text,
      expiration: CredentialHTTP.date(document["Expiration"]?.text), source: source)
  }

  /// The contents of a token file, without white space around it.
  static func token(file: String, for location: String? = nil) throws(StorageError) -> String {
    do {
      return try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch {
      throw .invalid(
        location: location.map { "\($0): \(file)" } ?? file,
        message: "cannot be read: \(error.localizedDescription)")
    }
  }

  static func date(_ text: String?) -> Date? {
    guard let text else { return nil }
    return (try? Date(text, strategy: .iso8601))
      ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
  }
}
