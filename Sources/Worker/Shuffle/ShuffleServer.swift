import Basics
import Synchronization
import Transport
import Wire

/// Serves a worker's map outputs to other workers. Each connection has a thread that answers its requests in order, so a
/// slow reader delays nobody else; the bytes in flight of all connections are limited.
package final class ShuffleServer: Sendable {
  private static let timeout: Duration = .seconds(60)

  package let endpoint: Endpoint
  private let listener: any Listener
  private let connections: Connections

  /// - Parameter outgoing: Memory for answers being sent.
  package init(
    _ store: BlockStore, outgoing: MemoryPool, on endpoint: Endpoint, over transport: any Transport,
    name: String, secret: Secret?
  ) throws {
    let identity = Identity(role: .shuffle, name: name, secret: secret)
    let connections = Connections()
    self.connections = connections
    listener = try transport.listenForSessions(on: endpoint, as: identity, expecting: [.shuffle]) { session in
      let requests = Monitor(Requests())
      let connection = session.connection
      let code = SystemThread.start("shuffle server") {
        ShuffleServer.serve(requests, on: connection, from: store, outgoing)
        connections.remove(connection)
      }
      guard code == 0, connections.add(connection) else {
        requests.change { $0.isClosed = true }
        return connection.abort()
      }
      connection.start { event in
        switch event {
        case .frames(let frames):
          // Back-pressure: above a limit of queued bytes, reading stops.
          connection.hold(frames.encodedSize)
          requests.change { $0.waiting.append(contentsOf: frames) }
        case .closed: requests.change { $0.isClosed = true }
        }
      }
    }
    self.endpoint = listener.endpoint
  }

  package func close() {
    listener.close()
    connections.close()
  }

  private struct Requests: Sendable {
    var waiting: [Frame] = []
    var isClosed = false
  }

  private static func serve(
    _ requests: Monitor<Requests>, on connection: any Connection, from store: BlockStore,
    _ outgoing: MemoryPool
  ) {
    while true {
      let batch = requests.wait(.seconds(60)) { requests -> [Frame]? in
        guard !requests.waiting.isEmpty || requests.isClosed else { return nil }
        defer { requests.waiting = [] }
        return requests.isClosed ? [] : requests.waiting
      }
      guard let batch else { continue }
      if batch.isEmpty { return }
      for frame in batch {
        if !answer(frame, on: connection, from: store, outgoing) { return connection.abort() }
        connection.release(frame.encodedSize)
      }
    }
  }

  /// - Returns: false if the peer violates the protocol or does not read.
  private static func answer(
    _ frame: Frame, on connection: any Connection, from store: BlockStore, _ outgoing: MemoryPool
  ) -> Bool {
    var reader = ByteReader(frame.payload)
    guard frame.type == FetchRequest.frameType, let id = try? reader.integer(UInt64.self),
      let request = try? FetchRequest(from: &reader)
    else { return false }
    // An answer exists twice while it is encoded.
    let limit = min(request.limit, outgoing.limit / 8, FetchReply.largest)
    guard outgoing.reserve(2 * limit, within: timeout) else { return false }
    defer { outgoing.release(2 * limit) }
    let reply = FetchReply(request, from: store, limit: limit)
    var writer = ByteWriter(reserving: reply.pieces.reduce(64) { $0 + $1.bytes.count + 24 })
    writer.integer(id)
    writer.value(reply)
    connection.send(Frame(type: FetchReply.frameType, payload: writer.bytes))
    return connection.waitUntilWritable(below: 1, timeout: timeout)
  }
}

/// The open connections, to close them with the server.
private final class Connections: Sendable {
  private struct State: Sendable {
    var open: [ObjectIdentifier: any Connection] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  /// - Returns: false if the server is closed.
  func add(_ connection: any Connection) -> Bool {
    state.withLock { state in
      if !state.isClosed { state.open[ObjectIdentifier(connection)] = connection }
      return !state.isClosed
    }
  }

  func remove(_ connection: any Connection) {
    state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(connection)) }
  }

  func close() {
    let open = state.withLock { state in
      state.isClosed = true
      return Array(state.open.values)
    }
    for connection in open { connection.close() }
  }
}
