import Basics
import CommandLine
import Driver
import Foundation
import HTTP
import Synchronization
import Telemetry
import Transport
import Wire

/// The driver's page, API and metrics by HTTP. Reading is free; changing needs the token.
package final class WebServer: Sendable {
  static let json = "application/json; charset=utf-8"
  /// Nothing but the server's own files runs or is loaded, and nobody frames the page.
  private static let headers = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ]
  /// In a list of the page.
  private static let shownJobs = 300

  /// With the port that it has got.
  package let endpoint: Endpoint
  private let server: HTTPServer
  private let desk: Desk

  /// - Throws: ``UsageError`` for an endpoint that others can reach, without a token; or what keeps it from listening.
  package convenience init(
    on endpoint: Endpoint, driver: Driver, telemetry: Telemetry, history: HistorySource?, token: AccessToken?,
    log: Log,
    limits: HTTPLimits = HTTPLimits()
  ) throws {
    try self.init(
      on: endpoint, source: DriverSource(driver: driver, telemetry: telemetry, history: history),
      token: token, log: log,
      limits: limits)
  }

  /// Shows the jobs of a folder of event logs.
  package convenience init(on endpoint: Endpoint, history: HistorySource, token: AccessToken?, log: Log)
    throws
  {
    try self.init(on: endpoint, source: history, token: token, log: log, limits: HTTPLimits())
  }

  private init(
    on endpoint: Endpoint, source: any WebSource, token: AccessToken?, log: Log, limits: HTTPLimits
  ) throws {
    guard case .tcp(let host, let port) = endpoint else { throw TransportError.unsupported(endpoint) }
    let isLocal = try ListeningSocket.isLoopback(host, port: port)
    guard isLocal || token != nil else {
      throw UsageError(
        "--http: \(endpoint) can be reached from other machines: pass --token-file or set \(AccessToken.variable), "
          + "or listen on 127.0.0.1")
    }
    let desk = Desk(source: source, token: token, log: log, isLocal: isLocal)
    self.desk = desk
    server = try HTTPServer(on: endpoint, limits: limits) { desk.answer($0) }
    self.endpoint = server.endpoint
  }

  package func close() {
    desk.isClosed.store(true, ordering: .relaxed)
    server.close()
  }

  /// What answers: without the server, which holds it.
  private final class Desk: Sendable {
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
      for (name, value) in WebServer.headers { response.set(name, value) }
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
          log.write(.warning, "a change by HTTP was refused: no token, or a wrong one (\(request.path))")
          throw .unauthorized
        }
      }
      switch route {
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

    /// A page of somebody else that has our address behind its own name must not read what is here.
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
        throw .unavailable("the job cannot be kept: \(error)")
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
      log.write(.info, "job \(id): cancelled by HTTP", job: id)
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
      object["jobs"] = .array(jobs.prefix(WebServer.shownJobs).map { .object($0.summaryJSON) })
      object["jobCount"] = .count(jobs.count)
      object["canChange"] = .bool(token != nil && !source.isHistory)
      object["isHistory"] = .bool(source.isHistory)
      return .object(object)
    }
  }
}
