import Basics
import Glibc
import Transport

/// Stands between a client and a server on loopback and passes bytes on; from ``change()`` on it mistreats those to the
/// server.
final class Relay: Sendable {
  enum Change: CaseIterable {
    /// Every byte is a packet of its own.
    case byteByByte
    /// Some bytes pass, then the connection ends as if in order.
    case cut
    /// One bit is another.
    case flip
  }

  let port: Int
  private let listener: RawListener
  private let kind: Change
  private let isOn = Monitor(false)
  /// What the client has sent.
  let recorded = Monitor<[UInt8]>([])

  init(to target: Int, _ kind: Change) throws {
    listener = try RawListener(backlog: 8)
    port = listener.port
    self.kind = kind
    let listener = listener
    SystemThread.start("relay") { [self] in
      guard let client = listener.accept(), let server = try? RawPeer(port: target) else { return }
      SystemThread.start("relay back") {
        while let bytes = server.readSome() { client.send(bytes) }
        client.endOutput()
      }
      while let bytes = client.readSome() {
        recorded.change { $0 += bytes }
        guard isOn.withLock({ $0 }) || kind == .byteByByte else {
          server.send(bytes)
          continue
        }
        switch kind {
        case .byteByByte: for byte in bytes { server.send([byte]) }
        case .cut:
          server.send(Array(bytes.prefix(100)))
          return server.endOutput()
        case .flip:
          var bytes = bytes
          bytes[bytes.count / 2] ^= 4
          server.send(bytes)
        }
      }
      server.endOutput()
    }
  }

  func change() { isOn.withLock { $0 = true } }

  func close() { listener.close() }
}
