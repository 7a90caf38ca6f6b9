import Foundation
import Synchronization

/// Where the process tells the suite that it has reached a point, and waits until it may go on.
///
/// The suite listens on the socket `CHAOS_SOCKET` (a path: network namespaces do not part it). `CHAOS_POINTS` has the
/// points that it wants to hear of, with commas between. Each report is a connection of its own: one line of JSON there, one byte
/// back: `g` go on, `n` go on and never ask again for this point.
enum Rendezvous {
  private static let socketPath = ProcessInfo.processInfo.environment["CHAOS_SOCKET"] ?? ""
  private static let wanted = Mutex(
    Set((ProcessInfo.processInfo.environment["CHAOS_POINTS"] ?? "").split(separator: ",").map(String.init)))
  private static let limitSeconds = 60

  /// Blocks while the suite wants it; goes on at once where it does not, has gone, or takes too long.
  /// - Parameter detail: What the point is about: an attempt, two paths.
  static func reached(_ point: String, _ detail: @autoclosure () -> String) {
    guard wanted.withLock({ $0.contains(point) }) else { return }
    let report: [String: Any] = ["point": point, "pid": getpid(), "detail": detail()]
    guard let line = try? JSONSerialization.data(withJSONObject: report) else { return }
    if ask(line + Data([0x0a])) == UInt8(ascii: "n") { _ = wanted.withLock { $0.remove(point) } }
  }

  private static func ask(_ line: Data) -> UInt8? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: limitSeconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard connect(descriptor), line.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) > 0
    else {
      return nil
    }
    var answer: UInt8 = 0
    // A signal that stops and continues the process may interrupt a read with a time limit.
    while true {
      let count = read(descriptor, &answer, 1)
      if count == 1 { return answer }
      if count == 0 || errno != EINTR { return nil }
    }
  }

  private static func connect(_ descriptor: Int32) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array(socketPath.utf8)
    guard !path.isEmpty, path.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
