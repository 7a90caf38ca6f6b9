import Basics
import CLinux
import Glibc

/// An IPv4 or IPv6 address for the system's socket calls.
struct SocketAddress: Sendable {
  private var storage = sockaddr_storage()
  private var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

  var family: Int32 { Int32(storage.ss_family) }

  private init() {}

  private init?(copying address: UnsafePointer<sockaddr>, length: socklen_t) {
    guard length <= socklen_t(MemoryLayout<sockaddr_storage>.size) else { return nil }
    withUnsafeMutableBytes(of: &storage) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
    }
    self.length = length
  }

  /// Makes an address from what `getsockname`, `getpeername` or `accept` returns.
  static func filled(by call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32)
    -> (result: Int32, address: SocketAddress)
  {
    var address = SocketAddress()
    var length = address.length
    let result = withUnsafeMutablePointer(to: &address.storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
    }
    address.length = min(length, address.length)
    return (result, address)
  }

  func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// The numeric host and the port.
  var numeric: (host: String, port: Int) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { host in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { service in
        host.initialize(repeating: 0)
        service.initialize(repeating: 0)
        let flags = Int32(NI_NUMERICHOST | NI_NUMERICSERV)
        let code = withPointer {
          getnameinfo(
            $0, $1, host.baseAddress, socklen_t(host.count), service.baseAddress, socklen_t(service.count),
            flags)
        }
        guard code == 0 else { return ("?", 0) }
        return (text(host), Int(text(service)) ?? 0)
      }
    }
  }

  var endpoint: Endpoint { .tcp(host: numeric.host, port: numeric.port) }

  /// Whether only this machine can reach the address: 127.0.0.0/8, ::1, or 127.0.0.0/8 mapped into IPv6.
  var isLoopback: Bool {
    withUnsafeBytes(of: storage) { bytes in
      switch family {
      case AF_INET: return bytes[4] == 127
      case AF_INET6:
        let address = bytes[8..<24]
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127]
        let one: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        return address.elementsEqual(one) || address.prefix(13).elementsEqual(mapped)
      default: return false
      }
    }
  }

  /// The addresses of a host, in the system's order of preference. Numeric addresses are parsed at once. Names are looked up on
  /// a separate thread, because the system's resolver has no timeout.
  static func resolve(_ host: String, port: Int, timeout: Duration) throws(TransportError) -> [SocketAddress]
  {
    if case .success(let addresses) = lookUp(host, port, flags: AI_NUMERICHOST) { return addresses }
    let answer = Monitor<Result<[SocketAddress], TransportError>?>(nil)
    let code = SystemThread.start("resolver") {
      let found = lookUp(host, port, flags: 0)
      answer.change { $0 = found }
    }
    guard code == 0 else { throw .system(call: "pthread_create", code: code, at: host) }
    guard let result = answer.wait(timeout, until: { $0 }) else {
      throw .unresolved(host: host, reason: "no answer in time")
    }
    return try result.get()
  }

  private static func lookUp(_ host: String, _ port: Int, flags: Int32) -> Result<
    [SocketAddress], TransportError
  > {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = flags | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard code == 0 else {
      return .failure(.unresolved(host: host, reason: String(cString: gai_strerror(code))))
    }
    var addresses: [SocketAddress] = []
    var entry = list
    while let info = entry?.pointee {
      if let address = info.ai_addr, let copy = SocketAddress(copying: address, length: info.ai_addrlen) {
        addresses.append(copy)
      }
      entry = info.ai_next
    }
    guard !addresses.isEmpty else { return .failure(.unresolved(host: host, reason: "it has no address")) }
    return .success(addresses)
  }
}

private func text(_ buffer: UnsafeMutableBufferPointer<CChar>) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
