import CMicroHTTPD
import Glibc
import Synchronization
import Transport

/// HTTP/1.1 over libmicrohttpd, one thread per connection. The only type that calls it. Handlers may block.
package final class HTTPServer: Sendable {
  /// Includes the port chosen by the system.
  package let endpoint: Endpoint
  private let core: HTTPCore
  /// Set until ``close()``.
  private let daemon: Mutex<DaemonPointer?>

  /// Starts serving.
  /// - Parameter handler: Called on the connection's thread for each complete request within the limits.
  package init(
    on endpoint: Endpoint, limits: HTTPLimits = HTTPLimits(),
    handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws {
    let listener = try ListeningSocket.open(on: endpoint)
    self.endpoint = listener.endpoint
    core = HTTPCore(limits: limits, handler: handler)
    do { try core.connections.start() } catch {
      listener.close()
      throw error
    }
    let options = swiftlet_mhd_limits(
      connections: UInt32(clamping: limits.connections),
      connections_per_address: UInt32(clamping: limits.connectionsPerAddress),
      silence: UInt32(clamping: limits.silence.components.seconds), memory: limits.headerBytes,
      stack: 512 << 10)
    // The daemon's threads use the core: it is released after they have ended.
    let context = Unmanaged.passRetained(core)
    guard
      let started = swiftlet_mhd_start(
        listener.descriptor, options, HTTPCore.handle, HTTPCore.completed, HTTPCore.notify,
        context.toOpaque())
    else {
      context.release()
      core.connections.close()
      listener.close()
      throw HTTPError.cannotStart("libmicrohttpd failed at \(endpoint)")
    }
    daemon = Mutex(DaemonPointer(pointer: started))
  }

  deinit { close() }

  /// Closes all connections. Streams must end by themselves within seconds.
  package func close() {
    guard let taken = daemon.withLock({ daemon in daemon.take() }) else { return }
    MHD_stop_daemon(taken.pointer)
    core.connections.close()
    Unmanaged.passUnretained(core).release()
  }
}

// @unchecked Sendable: libmicrohttpd locks its own state, and the lock around it lets it be stopped once.
private struct DaemonPointer: @unchecked Sendable {
  let pointer: OpaquePointer
}
