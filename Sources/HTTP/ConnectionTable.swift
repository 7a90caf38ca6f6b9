import Basics
import CMicroHTTPD
import Glibc
import Synchronization
import Transport

/// The sockets of a server's connections with their deadlines. libmicrohttpd only limits silence, so a client
/// that sends a byte now and then could stay forever.
final class ConnectionTable: Sendable {
  private let deadlines = Mutex<[Int32: Deadline?]>([:])
  private let isClosed = Monitor(false)

  /// - Throws: `HTTPError` if the system has no more threads.
  func start() throws(HTTPError) {
    let code = SystemThread.start("http limits") {
      while self.isClosed.wait(.milliseconds(500), until: { $0 ? true : nil }) == nil { self.endLateOnes() }
    }
    guard code == 0 else { throw .cannotStart("cannot create a thread (error \(code))") }
  }

  func close() { isClosed.change { $0 = true } }

  /// - Parameter limit: nil for no limit.
  func set(_ socket: Int32, _ limit: Duration?) {
    deadlines.withLock { $0[socket] = .some(limit.map { Deadline(after: $0) }) }
  }

  /// Must be called before the socket's number can be reused.
  func remove(_ socket: Int32) { _ = deadlines.withLock { $0.removeValue(forKey: socket) } }

  var count: Int { deadlines.withLock { $0.count } }

  /// The connection's own thread then sees the end and closes it.
  private func endLateOnes() {
    let now = Deadline.now
    deadlines.withLock { deadlines in
      for (socket, deadline) in deadlines {
        guard let deadline, deadline < now else { continue }
        _ = shutdown(socket, Int32(SHUT_RDWR))
        deadlines[socket] = .some(nil)
      }
    }
  }
}
