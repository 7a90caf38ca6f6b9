import Basics
import Glibc
import Testing
import Transport
import Wire

/// Long enough for a loaded machine; a test that passes never waits for it.
let patience = Duration.seconds(60)

/// The transports, for the tests that all must pass.
enum Kind: String, CaseIterable, CustomTestStringConvertible {
  case tcp
  case tls
  case memory

  var testDescription: String { rawValue }

  func make(_ limits: FlowLimits = FlowLimits()) throws -> any Transport {
    switch self {
    case .tcp: TCPTransport(limits: limits)
    case .tls: TCPTransport(tls: try Certificates.tls("good"), limits: limits)
    case .memory: MemoryTransport(limits: limits)
    }
  }

  var anyEndpoint: Endpoint {
    switch self {
    case .tcp, .tls: .tcp(host: "127.0.0.1", port: 0)
    case .memory: .memory("peer")
    }
  }
}

/// What a connection's handler was told, and a way to wait for it.
final class Recorder: Sendable {
  struct Log: Sendable {
    var frames: [Frame] = []
    var count = 0
    var bytes = 0
    var calls = 0
    var closed: [CloseReason] = []
    var callsAfterClose = 0
  }

  let log = Monitor(Log())
  /// Whether frames are kept or only counted.
  let keepsFrames: Bool

  init(keepsFrames: Bool = true) { self.keepsFrames = keepsFrames }

  var handler: ConnectionHandler {
    { event in
      self.log.change { log in
        if !log.closed.isEmpty { log.callsAfterClose += 1 }
        switch event {
        case .frames(let frames):
          log.calls += 1
          log.count += frames.count
          log.bytes += frames.reduce(0) { $0 + $1.payload.count }
          if self.keepsFrames { log.frames += frames }
        case .closed(let reason): log.closed.append(reason)
        }
      }
    }
  }

  func frames(_ count: Int) -> [Frame]? { log.wait(patience) { $0.count >= count ? $0.frames : nil } }

  func closeReason() -> CloseReason? { log.wait(patience) { $0.closed.first } }
}

/// Two connected ends; the far one is what the listener accepted.
struct Pair {
  let transport: any Transport
  let listener: any Listener
  let near: any Connection
  let far: any Connection

  init(_ kind: Kind, _ limits: FlowLimits = FlowLimits()) throws {
    transport = try kind.make(limits)
    let accepted = Monitor<(any Connection)?>(nil)
    listener = try transport.listen(on: kind.anyEndpoint) { connection in accepted.change { $0 = connection }
    }
    near = try transport.connect(to: listener.endpoint, timeout: patience)
    guard let far = accepted.wait(patience, until: { $0 }) else { throw Missing("an accepted connection") }
    self.far = far
  }

  func end() {
    near.abort()
    far.abort()
    listener.close()
  }
}

struct Missing: Error, CustomStringConvertible {
  let description: String
  init(_ what: String) { description = "waited in vain for \(what)" }
}

func numbered(_ number: Int, size: Int = 8) -> Frame {
  var writer = ByteWriter()
  writer.integer(UInt64(number))
  return Frame(
    type: UInt8(truncatingIfNeeded: number),
    payload: writer.bytes + [UInt8](repeating: 7, count: max(0, size - 8)))
}

/// A thread that a test waits for.
final class Worker: Sendable {
  private let isDone = Monitor(false)

  init(_ body: @escaping @Sendable () -> Void) {
    let isDone = isDone
    SystemThread.start("test") {
      body()
      isDone.change { $0 = true }
    }
  }

  func join() {
    if isDone.wait(patience, until: { $0 ? true : nil }) == nil {
      Issue.record("a test's thread did not end")
    }
  }
}
