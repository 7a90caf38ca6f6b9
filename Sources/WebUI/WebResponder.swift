// Answers to HTTP requests.
import Basics
import CommandLine
import Foundation
import HTTP
import Synchronization
import Telemetry
import Wire

/// Answers requests. Holds no reference to the server, which holds this.
final class WebResponder: Sendable {
  /// Browsers load only the server's own files, and no other page may frame this one.
  private static let headers = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ]
  /// Jobs in the page's list.
  private static let shownJobs = 300

  let source: any WebSource
  let token: AccessToken?
  let log: Log
  let isLocal: Bool
  let isClosed = Atomic(false)
  private let requests = Mutex<[Int: Int]>([:])

  init(source: any WebSource, token: AccessToken?, log: Log, isLocal: Bool) {
    self.source = source
    self.token = token
    self.log = log
    self.isLocal = isLocal
  }

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    var response: HTTPResponse
    do throws(WebError) {
      response = try respond(request)
    } catch {
      response = error.response
    }
    for (name, value) in WebResponder.headers { response.set(name, value) }
    response.set("Cache-Control", "no-store")
    requests.withLock { $0[response.status, default: 0] += 1 }
    return response
  }

  private func respond(_ request: HTTPRequest) throws(WebError) -> HTTPResponse {
    try checkHost(request)
    let route = try WebRoute(request, assets: Set(Assets.all.keys))
    if route.isChange {
      guard let token else { throw .readOnly }
      guard token.matches(request.bearerToken) else {
        log.write(.warning, "refused a change over HTTP: missing or wrong token (\(request.path))")
        throw .unauthorized
      }
    }
    switch route {
    case .description: return HTTPResponse(text: OpenAPI.text, type: WebServer.json)
    case .asset(let path):
      guard let asset = Assets.all[path] else { throw .notFound(path) }
      return HTTPResponse(type: asset.type, body: .bytes(asset.bytes))
    case .health: return HTTPResponse(text: "ok\n")
    case .ready:
      let isReady = source.isReady && !isClosed.load(ordering: .relaxed)
      return HTTPResponse(status: isReady ? 200 : 503, text: isReady ? "ready\n" : "stopping\n")
    case .metrics:
      var text = MetricsText()
      source.metrics(&text)
      text.addHTTP(requests.withLock { $0 })
      text.addProcess()
      return HTTPResponse(text: text.text, type: MetricsText.type)
    case .cluster: return document(.object(source.cluster()))
    case .jobs(let state): return document(["jobs": .array(source.jobs(state).map(\.json))])
    case .job(let id): return document(try found(source.job(id), id).json)
    case .logs(let id): return document(try found(source.job(id), id).linesJSON)
    case .detail(let id):
      return HTTPResponse(text: try found(source.page(of: id), id), type: WebServer.json)
    case .cancel(let id): return try cancel(id)
    case .submit: return try submit(request)
    case .events(let job): return stream(job)
    }
  }

  /// Against DNS rebinding: a foreign page whose name resolves to our address must not read our answers.
  private func checkHost(_ request: HTTPRequest) throws(WebError) {
    guard isLocal, let host = request.host?.lowercased() else { return }
    let isOurs =
      host == "localhost" || host == "[::1]" || host.hasPrefix("127.") || host.hasSuffix(".localhost")
    guard isOurs else { throw .wrongHost }
  }

  private func found<T>(_ value: T?, _ id: JobID) throws(WebError) -> T {
    guard let value else { throw .notFound("job \(id)") }
    return value
  }

  private func document(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, text: JSONText.compact(value) + "\n", type: WebServer.json)
  }

  private func submit(_ request: HTTPRequest) throws(WebError) -> HTTPResponse {
    let wanted = try JobRequest(body: request.body, registry: source.registry)
    let admission: JobLedger.Admission
    do {
      admission = try source.submit(wanted.submission, as: wanted.id)
    } catch let error as WebError {
      throw error
    } catch {
      throw .unavailable("the job cannot be saved: \(error)")
    }
    switch admission {
    case .accepted(let record):
      var response = document((source.job(record.id) ?? record).json, status: 201)
      response.set("Location", "/api/v1/jobs/\(record.id)")
      return response
    case .known(let record): return document(record.json)
    case .conflict: throw .conflict(admission.refusal ?? "")
    case .full: throw .unavailable(admission.refusal ?? "")
    }
  }

  private func cancel(_ id: JobID) throws(WebError) -> HTTPResponse {
    let record = try found(try source.cancel(id), id)
    log.write(.info, "job \(id): cancelled over HTTP", job: id)
    return document(["id": .string(id.name), "state": .string(record.state.rawValue)], status: 202)
  }

  private func stream(_ job: JobID?) -> HTTPResponse {
    let stream = LiveStream(
      source, job: job, overview: { [self] in overview() },
      isClosed: { [self] in isClosed.load(ordering: .relaxed) })
    return HTTPResponse(type: "text/event-stream; charset=utf-8", body: .stream(stream))
  }

  private func overview() -> JSONValue {
    var object = source.cluster()
    let jobs = source.jobs(nil)
    object["jobs"] = .array(jobs.prefix(WebResponder.shownJobs).map { .object($0.summaryJSON) })
    object["jobCount"] = .count(jobs.count)
    object["canChange"] = .bool(token != nil && !source.isHistory)
    object["isHistory"] = .bool(source.isHistory)
    return .object(object)
  }
}
