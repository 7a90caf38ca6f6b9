import HTTP
import Telemetry
import Wire

/// What a request is for. Pure, and the one place that reads addresses: what is not exactly one of these is nothing.
package enum WebRoute: Hashable, Sendable {
  case asset(String)
  case health
  case ready
  case metrics
  case cluster
  case jobs(JobRecord.State?)
  case submit
  case job(JobID)
  case logs(JobID)
  case cancel(JobID)
  /// What the page of a job is drawn from.
  case detail(JobID)
  /// Changes, as they happen: of the cluster, and of a job.
  case events(JobID?)

  /// It changes something, so it needs the token.
  package var isChange: Bool {
    switch self {
    case .submit, .cancel: true
    default: false
    }
  }

  package init(_ request: HTTPRequest, assets: Set<String>) throws(WebError) {
    let isRead = request.method == "GET" || request.method == "HEAD"
    func reading(_ route: WebRoute) throws(WebError) -> WebRoute {
      guard isRead else { throw .method(request.method, allowed: "GET, HEAD") }
      return route
    }
    func changing(_ route: WebRoute) throws(WebError) -> WebRoute {
      guard request.method == "POST" else { throw .method(request.method, allowed: "POST") }
      return route
    }
    func jobs() throws(WebError) -> WebRoute {
      if request.method == "POST" { return .submit }
      guard isRead else { throw .method(request.method, allowed: "GET, HEAD, POST") }
      return .jobs(try WebRoute.state(request.query["state"]))
    }
    let parts = request.path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(
      String.init)
    switch parts {
    case ["healthz"]: self = try reading(.health)
    case ["readyz"]: self = try reading(.ready)
    case ["metrics"]: self = try reading(.metrics)
    case ["api", "v1", "cluster"]: self = try reading(.cluster)
    case ["api", "v1", "events"]:
      self = try reading(
        .events(try request.query["job"].map { name throws(WebError) in try WebRoute.id(name) }))
    case ["api", "v1", "jobs"]: self = try jobs()
    case _ where parts.count == 4 && parts.starts(with: ["api", "v1", "jobs"]):
      self = try reading(.job(try WebRoute.id(parts[3])))
    case _ where parts.count == 5 && parts.starts(with: ["api", "v1", "jobs"]):
      let id = try WebRoute.id(parts[3])
      switch parts[4] {
      case "cancel": self = try changing(.cancel(id))
      case "logs": self = try reading(.logs(id))
      case "detail": self = try reading(.detail(id))
      default: throw .notFound(request.path)
      }
    default:
      guard assets.contains(request.path) else { throw .notFound(request.path) }
      self = try reading(.asset(request.path))
    }
  }

  private static func id(_ name: String) throws(WebError) -> JobID {
    guard JobID.isValid(name) else {
      throw .invalid("a job's id has 1 to 64 letters, digits, '.', '_' and '-', and begins with no '.'")
    }
    return JobID(name)
  }

  private static func state(_ name: String?) throws(WebError) -> JobRecord.State? {
    guard let name else { return nil }
    guard let state = JobRecord.State(rawValue: name) else {
      let known = JobRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalid("state: expected one of \(known), found '\(name)'")
    }
    return state
  }
}
