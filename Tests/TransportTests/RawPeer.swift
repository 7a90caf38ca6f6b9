import Glibc
import Transport

/// A blocking socket that speaks whatever the test wants.
final class RawPeer: Sendable {
  private let descriptor: Int32

  init(port: Int, connects: Bool = true) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Missing("a socket") }
    if connects { try connect(to: port) }
  }

  fileprivate init(accepted descriptor: Int32) { self.descriptor = descriptor }

  func connect(to port: Int) throws {
    guard withLoopback(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
      throw Missing("a connection")
    }
  }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      // A peer that hung up in the middle is what some tests are about.
      if count <= 0 { return }
      sent += count
    }
  }

  /// Some bytes, nil at the end.
  func readSome() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &buffer, buffer.count)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Everything until the peer closes; empty too when it resets.
  func readToEnd() -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    close()
    return bytes
  }

  func reset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  func close() { _ = Glibc.close(descriptor) }
}

/// A socket that listens, and accepts only when it is told to.
struct RawListener {
  private let descriptor: Int32
  let port: Int

  init(backlog: Int32) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard withLoopback(0, { [descriptor] in bind(descriptor, $0, $1) }) == 0, listen(descriptor, backlog) == 0
    else {
      throw Missing("a listener")
    }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { [descriptor] in
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    guard code == 0 else { throw Missing("a port") }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  func accept() -> RawPeer? {
    let connection = Glibc.accept(descriptor, nil, nil)
    return connection >= 0 ? RawPeer(accepted: connection) : nil
  }

  func close() { _ = Glibc.close(descriptor) }
}

private func withLoopback(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}
