// The HTTP server of a driver.
import Basics
import CommandLine
import Driver
import HTTP
import Telemetry
import Transport
import Wire

/// Serves the driver's page, API and metrics over HTTP. Reading needs no token; changes do.
package final class WebServer: Sendable {
  static let json = "application/json; charset=utf-8"
  /// Includes the port chosen by the system.
  package let endpoint: Endpoint
  private let server: HTTPServer
  private let responder: WebResponder

  /// - Throws: ``UsageError`` for an endpoint that other machines can reach without a token; or why it cannot listen.
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
    let responder = WebResponder(source: source, token: token, log: log, isLocal: isLocal)
    self.responder = responder
    server = try HTTPServer(on: endpoint, limits: limits) { responder.answer($0) }
    self.endpoint = server.endpoint
  }

  package func close() {
    responder.isClosed.store(true, ordering: .relaxed)
    server.close()
  }
}
