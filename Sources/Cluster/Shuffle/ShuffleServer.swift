import Transport
import Wire

/// Serves a worker's map outputs to other workers. Requests run on the server's own thread, never on the network's.
final class ShuffleServer: Sendable {
  let endpoint: Endpoint
  private let listener: any Listener
  private let requests = Mailbox<(any Connection, Frame)>()

  init(
    _ store: BlockStore, on endpoint: Endpoint, over transport: any Transport, name: String, secret: Secret?
  )
    throws
  {
    let identity = Identity(role: .shuffle, name: name, secret: secret)
    let requests = requests
    listener = try transport.listenForSessions(on: endpoint, as: identity, expecting: [.shuffle]) { session in
      session.connection.start { event in
        guard case .frames(let frames) = event else { return }
        session.connection.hold(frames.reduce(0) { $0 + $1.encodedSize })
        requests.post(frames.map { (session.connection, $0) })
      }
    }
    self.endpoint = listener.endpoint
    try requests.start("shuffle server", tick: .seconds(60)) { batch in
      for (connection, frame) in batch {
        ShuffleServer.answer(frame, on: connection, from: store)
        connection.release(frame.encodedSize)
      }
    }
  }

  func close() {
    listener.close()
    requests.close()
  }

  private static func answer(_ frame: Frame, on connection: any Connection, from store: BlockStore) {
    var reader = ByteReader(frame.payload)
    guard frame.type == FetchRequest.frameType, let id = try? reader.integer(UInt64.self),
      let request = try? FetchRequest(from: &reader)
    else { return connection.abort() }
    var reply = FetchReply()
    var bytes = 0
    for index in request.maps.indices where bytes < FetchReply.softLimit {
      guard let block = store.block(of: request.attempt(index), partition: request.partition) else {
        reply.isMissing = true
        break
      }
      reply.blocks.append(block)
      bytes += block.count
    }
    // A reader that is slow makes us wait, not grow; one that does not read at all is dropped.
    guard connection.waitUntilWritable(below: 2 * FetchReply.softLimit, timeout: .seconds(60)) else {
      return connection.abort()
    }
    var writer = ByteWriter(reserving: bytes + 64 + 8 * reply.blocks.count)
    writer.integer(id)
    writer.value(reply)
    connection.send(Frame(type: FetchReply.frameType, payload: writer.bytes))
  }
}
