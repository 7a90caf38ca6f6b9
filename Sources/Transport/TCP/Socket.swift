import Basics
import CLinux
import Glibc

/// System calls on one TCP socket, with EINTR and errno handled in one place. A value type: its owner closes it exactly once.
struct Socket: Sendable {
  let descriptor: Int32

  enum Outcome {
    case bytes(Int)
    case wouldBlock
    case failed(Int32)

    /// Removes the sent bytes from the outbox.
    func consumed(_ outbox: inout Outbox) -> Outcome {
      if case .bytes(let count) = self { outbox.consume(count) }
      return self
    }
  }

  /// A non-blocking socket that child processes do not inherit.
  init(family: Int32, at endpoint: Endpoint) throws(TransportError) {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    descriptor = socket(family, kind, 0)
    guard descriptor >= 0 else { throw .system(call: "socket", code: errno, at: endpoint.description) }
  }

  private init(descriptor: Int32) { self.descriptor = descriptor }

  func close() { _ = Glibc.close(descriptor) }

  /// Makes the next ``close()`` send a reset instead of the queued bytes.
  func closeWithReset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  /// Tells the peer that no more bytes come.
  func endOutput() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

  /// Sends small messages at once, and detects within eight seconds that the peer's machine or cable is gone: by keepalive
  /// probes while waiting for the peer, by missing acknowledgements while sending to it. If the peer is only slow, its kernel
  /// still answers.
  func tune() {
    set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    set(SOL_SOCKET, SO_KEEPALIVE, 1)
    set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 4)
    set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 1)
    set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
    set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 8000)
  }

  private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// - Returns: 0 or an errno.
  func listen(on address: SocketAddress, backlog: Int32) -> Int32 {
    set(SOL_SOCKET, SO_REUSEADDR, 1)
    guard address.withPointer({ bind(descriptor, $0, $1) }) == 0 else { return errno }
    return Glibc.listen(descriptor, backlog) == 0 ? 0 : errno
  }

  /// - Returns: A new connection, nil if none is waiting, or an errno.
  func accept() -> Result<(socket: Socket, peer: SocketAddress)?, Errno> {
    while true {
      let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
      let (result, peer) = SocketAddress.filled { accept4(descriptor, $0, $1, flags) }
      if result >= 0 { return .success((Socket(descriptor: result), peer)) }
      switch errno {
      case EINTR, ECONNABORTED: continue
      case EAGAIN: return .success(nil)
      default: return .failure(Errno(code: errno))
      }
    }
  }

  struct Errno: Error { let code: Int32 }

  /// Connects, waiting until the deadline at most.
  /// - Returns: 0 or an errno; ETIMEDOUT if the deadline has passed.
  func connect(to address: SocketAddress, until deadline: Deadline) -> Int32 {
    if address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 { return 0 }
    guard errno == EINPROGRESS || errno == EINTR else { return errno }
    while true {
      var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      let count = poll(&entry, 1, deadline.remainingMilliseconds)
      if count == 0 { return ETIMEDOUT }
      if count < 0, errno == EINTR { continue }
      if count < 0 { return errno }
      var code: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }
  }

  var localAddress: SocketAddress { SocketAddress.filled { getsockname(descriptor, $0, $1) }.address }

  func receive(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
    while true {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count >= 0 { return .bytes(count) }
      if errno == EAGAIN { return .wouldBlock }
      if errno != EINTR { return .failed(errno) }
    }
  }

  /// Sends the vectors in one call. If the peer is gone, this returns an error and never raises a signal.
  func send(_ vectors: UnsafeMutableBufferPointer<iovec>) -> Outcome {
    var message = msghdr()
    message.msg_iov = vectors.baseAddress
    message.msg_iovlen = vectors.count
    while true {
      let count = sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .bytes(count) }
      if errno == EAGAIN { return .wouldBlock }
      if errno != EINTR { return .failed(errno) }
    }
  }
}
