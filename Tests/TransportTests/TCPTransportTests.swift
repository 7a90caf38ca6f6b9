import Basics
import Foundation
import TestSupport
import Testing
import Transport

/// What only TCP has: broken streams, half-closed sockets, silent networks, exhausted descriptors.
@Suite struct TCPTransportTests {
  /// A listener whose connections go to one recorder each, and raw sockets to it.
  private struct Server {
    let transport = TCPTransport()
    let listener: any Listener
    let recorders = Monitor<[Recorder]>([])
    let port: Int

    init(host: String = "127.0.0.1") throws {
      let recorders = recorders
      listener = try transport.listen(on: .tcp(host: host, port: 0)) { connection in
        let recorder = Recorder()
        connection.start(recorder.handler)
        recorders.change { $0.append(recorder) }
      }
      guard case .tcp(_, let port) = listener.endpoint, port > 0 else { throw Missing("a port") }
      self.port = port
    }

    func recorder(_ index: Int = 0) throws -> Recorder {
      guard let recorder = recorders.wait(patience, until: { $0.count > index ? $0[index] : nil }) else {
        throw Missing("a connection")
      }
      return recorder
    }
  }

  @Test func aHalfClosedPeersFramesAllArrive() throws {
    let server = try Server()
    let peer = try RawPeer(port: server.port)
    let frames = (0..<5).map { numbered($0, size: 3000) }
    peer.send(frames.flatMap(\.encoded))
    peer.endOutput()
    let recorder = try server.recorder()
    #expect(recorder.closeReason() == .eof)
    #expect(recorder.frames(5) == frames)
    // We close too, and send nothing.
    #expect(peer.readToEnd() == [])
    server.listener.close()
  }

  @Test func anEndInTheMiddleOfAFrameIsTold() throws {
    let server = try Server()
    for (index, length) in [1, 15, 16, 39].enumerated() {
      let peer = try RawPeer(port: server.port)
      peer.send(numbered(0).encoded + Array(numbered(1, size: 100).encoded[..<length]))
      peer.endOutput()
      #expect(try server.recorder(index).closeReason() == .truncated)
      #expect(try server.recorder(index).frames(1) == [numbered(0)])
    }
    server.listener.close()
  }

  @Test func bytesOneByOne() throws {
    let server = try Server()
    let peer = try RawPeer(port: server.port)
    let frames = (0..<20).map { numbered($0, size: 8 + $0) }
    for byte in frames.flatMap(\.encoded) { peer.send([byte]) }
    #expect(try server.recorder().frames(20) == frames)
    peer.close()
    server.listener.close()
  }

  @Test func garbageIsDroppedAndCounted() throws {
    let server = try Server()
    var random = SeededRandom(state: 8)
    let rubbish: [[UInt8]] =
      [Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [UInt8](repeating: 0xff, count: 100_000)]
      + (0..<20).map { _ in (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) } }
    for (index, bytes) in rubbish.enumerated() {
      let peer = try RawPeer(port: server.port)
      peer.send(numbered(1).encoded + bytes)
      let recorder = try server.recorder(index)
      guard case .protocolError = recorder.closeReason() else {
        Issue.record("garbage \(index) ended as \(String(describing: recorder.closeReason()))")
        continue
      }
      #expect(recorder.frames(1) == [numbered(1)])
      _ = peer.readToEnd()
    }
    #expect(server.transport.counters.current.protocolErrors == rubbish.count)
    // The door is still open for others.
    let connection = try server.transport.connect(to: server.listener.endpoint, timeout: patience)
    connection.send(numbered(5))
    #expect(try server.recorder(rubbish.count).frames(1) == [numbered(5)])
    connection.close()
    server.listener.close()
  }

  @Test func framesBeforeAResetAreNotLost() throws {
    let server = try Server()
    let peer = try RawPeer(port: server.port)
    peer.send((0..<10).flatMap { numbered($0).encoded })
    let recorder = try server.recorder()
    #expect(recorder.frames(10)?.count == 10)
    peer.reset()
    #expect(recorder.closeReason() == .reset)
    server.listener.close()
  }

  @Test(arguments: ["::1", "localhost", "127.0.0.1"]) func everyKindOfHost(host: String) throws {
    let server = try Server(host: host)
    let connection = try TCPTransport().connect(to: .tcp(host: host, port: server.port), timeout: patience)
    connection.send(numbered(1))
    #expect(try server.recorder().frames(1) == [numbered(1)])
    #expect(connection.peer == Endpoint.tcp(host: host, port: server.port).description)
    connection.close()
    server.listener.close()
  }

  @Test func aHostThatDoesNotExist() {
    do {
      _ = try TCPTransport().connect(to: .tcp(host: "no-such-host.invalid", port: 1), timeout: .seconds(2))
      Issue.record("connected")
    } catch {
      guard case .unresolved("no-such-host.invalid", _) = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  /// A listener whose queue is full drops further requests to connect without a word.
  @Test func aPeerThatNeverAnswersTimesOut() throws {
    let full = try RawListener(backlog: 0)
    let endpoint = Endpoint.tcp(host: "127.0.0.1", port: full.port)
    var held: [any Connection] = []
    var failure: TransportError?
    for _ in 0..<50 where failure == nil {
      do throws(TransportError) {
        held.append(try TCPTransport().connect(to: endpoint, timeout: .milliseconds(200)))
      } catch { failure = error }
    }
    #expect(failure == .timedOut(endpoint))
    for connection in held { connection.abort() }
    full.close()
  }

  @Test func anAddressThatIsNotOurs() throws {
    #expect(throws: TransportError.self) {
      try TCPTransport().listen(on: .tcp(host: "192.0.2.1", port: 0)) { _ in }
    }
  }

  /// In a process of its own, which runs out of descriptors and goes on when it has some again.
  @Test func acceptingSurvivesExhaustedDescriptors() async {
    await #expect(processExitsWith: .success) {
      let server = TCPTransport()
      let accepted = Monitor<[any Connection]>([])
      let listener = try server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { connection in
        accepted.change { $0.append(connection) }
      }
      guard case .tcp(_, let port) = listener.endpoint else { throw Missing("a port") }
      // Peers come first, then the limit: they wait in the system's queue, and none can be accepted.
      let spare = open("/dev/null", O_RDONLY)
      close(spare)
      var peers: [RawPeer] = []
      for _ in 0..<8 { peers.append(try RawPeer(port: port, connects: false)) }
      var limit = rlimit(rlim_cur: rlim_t(spare + 8), rlim_max: 4096)
      guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
        throw Missing("a limit")
      }
      for peer in peers { try peer.connect(to: port) }
      while server.counters.current.acceptFailures < 2 { usleep(1000) }
      guard accepted.withLock({ $0.count }) < 8 else { throw Missing("exhaustion") }
      limit.rlim_cur = 1024
      guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
        throw Missing("a limit")
      }
      guard accepted.wait(patience, until: { $0.count == 8 ? true : nil }) == true else {
        throw Missing("the rest")
      }
      exit(0)
    }
  }
}
