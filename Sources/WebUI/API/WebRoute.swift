// What a request asks for: the table of operations, matched against method and path.
import HTTP
import Telemetry
import Wire

/// A recognized request. Pure, and the only code that interprets paths.
package enum WebRoute: Hashable, Sendable {
  case asset(String)
  case description
  case health
  case ready
  case metrics
  case cluster
  case jobs(JobRecord.State?)
  case submit
  case job(JobID)
  case logs(JobID)
  case cancel(JobID)
  /// The document that a job's page is drawn from.
  case detail(JobID)
  /// Live changes of the cluster and of one job.
  case events(JobID?)

  /// Whether it changes something and therefore needs the token.
  package var isChange: Bool {
    switch self {
    case .submit, .cancel: true
    default: false
    }
  }

  package init(_ request: HTTPRequest, assets: Set<String>) throws(WebError) {
    let parts = WebOperation.parts(request.path)
    let matches = WebOperation.all.filter { $0.matches(parts) }
    if matches.isEmpty {
      guard assets.contains(request.path) else { throw .notFound(request.path) }
      guard WebOperation.Method.get.names.contains(request.method) else {
        throw .method(request.method, allowed: WebOperation.Method.get.names.joined(separator: ", "))
      }
      self = .asset(request.path)
      return
    }
    guard let operation = matches.first(where: { $0.method.names.contains(request.method) }) else {
      throw .method(request.method, allowed: matches.flatMap { $0.method.names }.joined(separator: ", "))
    }
    self = try operation.route(WebOperation.Input(operation, parts, request.query))
  }
}

/// One operation of the API: how it is addressed, and how `openapi.json` describes it.
struct WebOperation: Sendable {
  enum Method: String, Sendable {
    case get, post

    var names: [String] { self == .get ? ["GET", "HEAD"] : ["POST"] }
  }

  /// The parameters of a request.
  struct Input {
    private let id: String?
    private let query: [String: String]

    init(_ operation: WebOperation, _ parts: [String], _ query: [String: String]) {
      id = WebOperation.parts(operation.path).firstIndex(of: "{id}").map { parts[$0] }
      self.query = query
    }

    func job() throws(WebError) -> JobID { try Input.job(id ?? "") }

    func optionalJob() throws(WebError) -> JobID? {
      try query["job"].map { name throws(WebError) in try Input.job(name) }
    }

    func state() throws(WebError) -> JobRecord.State? {
      guard let name = query["state"] else { return nil }
      guard let state = JobRecord.State(rawValue: name) else {
        let known = JobRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
        throw .invalid("state: expected one of \(known), found '\(name)'")
      }
      return state
    }

    private static func job(_ name: String) throws(WebError) -> JobID {
      guard JobID.isValid(name) else { throw .invalid("job id: expected \(JobID.rule)") }
      return JobID(name)
    }
  }

  let method: Method
  /// `/api/v1/jobs/{id}/cancel`
  let path: String
  /// nil for the page's own requests, which may change without notice.
  var description: OperationDescription?
  let route: @Sendable (Input) throws(WebError) -> WebRoute

  static func parts(_ path: String) -> [String] {
    path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
  }

  func matches(_ parts: [String]) -> Bool {
    let own = WebOperation.parts(path)
    return own.count == parts.count && zip(own, parts).allSatisfy { $0 == "{id}" || $0 == $1 }
  }
}
