import Transport
import Wire

/// A transport whose connections tell before a message goes out: `join` (a worker that has shaken hands registers), `fetch` (blocks
/// are asked for), `serve` (blocks are sent).
struct ProbedTransport: Transport {
  private let inner: any Transport

  init(_ inner: any Transport) { self.inner = inner }

  var counters: TransportCounters { inner.counters }

  func listen(
    on endpoint: Endpoint, accept: @escaping @Sendable (any Connection) -> Void
  ) throws(TransportError) -> any Listener {
    try inner.listen(on: endpoint) { accept(ProbedConnection($0)) }
  }

  func connect(to endpoint: Endpoint, timeout: Duration) throws(TransportError) -> any Connection {
    ProbedConnection(try inner.connect(to: endpoint, timeout: timeout))
  }
}

private final class ProbedConnection: Connection {
  private let inner: any Connection

  init(_ inner: any Connection) { self.inner = inner }

  func send(_ frames: [Frame]) -> Bool {
    // Of a batch of frames the first one decides. These three go out alone, on threads that may wait.
    switch frames.first?.type {
    case 64: Rendezvous.reached("join", peer)
    case 128: Rendezvous.reached("fetch", peer)
    case 129: Rendezvous.reached("serve", peer)
    default: break
    }
    return inner.send(frames)
  }

  var peer: String { inner.peer }
  func start(_ intake: Intake, _ handler: @escaping ConnectionHandler) { inner.start(intake, handler) }
  func pause() { inner.pause() }
  func hold(_ bytes: Int) { inner.hold(bytes) }
  func release(_ bytes: Int) { inner.release(bytes) }
  var binding: [UInt8] { inner.binding }
  var pendingBytes: Int { inner.pendingBytes }
  var receivedBytes: Int { inner.receivedBytes }
  func waitUntilWritable(below bytes: Int, timeout: Duration) -> Bool {
    inner.waitUntilWritable(below: bytes, timeout: timeout)
  }
  func close(within limit: Duration) { inner.close(within: limit) }
  func abort() { inner.abort() }
}
