import Basics
import Foundation
import TestSupport
import Testing
import Transport

/// What only TLS has; that it carries frames like the others is for the shared suite.
@Suite struct TLSTests {
  private func identity(_ role: Role, limit: Duration = patience) throws -> Identity {
    Identity(role: role, name: "\(role)", secret: nil, limit: limit)
  }

  /// How a session between two transports goes: what the connecting side is told, and the accepting side.
  private func meet(_ near: TLS?, _ far: TLS?, host: String = "127.0.0.1") throws -> (
    near: TransportError?, far: HandshakeError?
  ) {
    let refused = Monitor<HandshakeError?>(nil)
    let listener = try TCPTransport(tls: far).listenForSessions(
      on: .tcp(host: host, port: 0), as: try identity(.driver), expecting: [.worker],
      refused: { _, error in refused.change { $0 = error } }
    ) { $0.connection.start { _ in } }
    defer { listener.close() }
    do throws(TransportError) {
      let session = try TCPTransport(tls: near).openSession(
        to: listener.endpoint, as: identity, expecting: [.driver], timeout: patience)
      session.connection.close()
      return (nil, nil)
    } catch { return (error, refused.wait(patience) { $0 }) }
  }

  private var identity: Identity { Identity(role: .worker, name: "worker", secret: nil, limit: patience) }

  /// What TLS itself said to the connecting side.
  private func failure(_ error: TransportError?) -> TLSFailure? {
    guard case .handshake(_, .closed(.tls(let failure))) = error else { return nil }
    return failure
  }

  private func failure(_ error: HandshakeError?) -> TLSFailure? {
    guard case .closed(.tls(let failure)) = error else { return nil }
    return failure
  }

  @Test(arguments: ["127.0.0.1", "localhost", "::1"]) func peersOfOneAuthorityMeet(host: String) throws {
    let outcome = try meet(try Certificates.tls("good"), try Certificates.tls("good"), host: host)
    #expect(outcome.near == nil && outcome.far == nil)
  }

  @Test func anotherAuthorityIsRefused() throws {
    let (good, stranger) = (try Certificates.tls("good"), try Certificates.tls("stranger"))
    // The worker does not trust the driver; the driver hears it.
    let there = try meet(good, stranger)
    guard case .untrusted(let reason, let authority) = failure(there.near) else {
      Issue.record("\(there)")
      return
    }
    #expect(authority == good.files.authority && !reason.isEmpty)
    #expect(there.near?.description.contains(good.files.authority) == true)
    guard case .refused = failure(there.far) else {
      Issue.record("\(there)")
      return
    }
    // The driver does not trust the worker, which believes the handshake to be over: it hears it with the first bytes.
    let here = try meet(stranger, good)
    guard case .untrusted = failure(here.far), case .refused = failure(here.near) else {
      Issue.record("\(here)")
      return
    }
  }

  @Test func anExpiredCertificateIsRefused() throws {
    let (good, expired) = (try Certificates.tls("good"), try Certificates.tls("expired"))
    let there = try meet(good, expired)
    #expect(
      failure(there.near)
        == .untrusted(reason: "certificate has expired", authority: good.files.authority))
    let here = try meet(expired, good)
    #expect(
      failure(here.far) == .untrusted(reason: "certificate has expired", authority: good.files.authority))
    #expect(failure(here.near)?.description.contains("expired") == true)
    // Its own process would not even start with it.
    #expect(throws: TLSFileError.expired(expired.files.certificate)) { try TLS(expired.files) }
  }

  @Test func aCertificateForAnotherHostIsRefused() throws {
    let (good, elsewhere) = (try Certificates.tls("good"), try Certificates.tls("elsewhere"))
    for host in ["127.0.0.1", "localhost"] {
      #expect(failure(try meet(good, elsewhere, host: host).near) == .wrongHost(host))
    }
    // Where a peer connects from does not matter, only who vouches for it.
    #expect(try meet(elsewhere, good).near == nil)
  }

  @Test func oneSideWithoutTLSIsTold() throws {
    let good = try Certificates.tls("good")
    let plain = try meet(nil, good)
    #expect(failure(plain.near) == .peerUsesTLS)
    #expect(failure(plain.far) == .plainPeer)
    #expect(plain.near?.description.contains("--tls-cert") == true)
    let reverse = try meet(good, nil)
    #expect(failure(reverse.near) == .endedEarly)
    #expect(failure(reverse.far) == .peerUsesTLS)
    #expect(reverse.near?.description.contains("--tls-cert") == true)
  }

  /// A client of the openssl command, without a certificate.
  @Test func aPeerWithoutACertificateIsRefused() throws {
    let refused = Monitor<HandshakeError?>(nil)
    let listener = try TCPTransport(tls: try Certificates.tls("good")).listenForSessions(
      on: .tcp(host: "127.0.0.1", port: 0), as: try identity(.driver), expecting: [.worker],
      refused: { _, error in refused.change { $0 = error } }
    ) { _ in Issue.record("accepted") }
    defer { listener.close() }
    try? Certificates.shared.get().openssl(
      "s_client", "-connect", listener.endpoint.description, "-CAfile",
      try Certificates.shared.get().path("ca.pem"))
    #expect(failure(refused.wait(patience) { $0 }) == .noCertificate)
  }

  @Test func whatIsNotTLSNeverGetsThrough() throws {
    let transport = TCPTransport(tls: try Certificates.tls("good"))
    let closed = Monitor<[CloseReason]>([])
    let listener = try transport.listen(on: .tcp(host: "127.0.0.1", port: 0)) { connection in
      connection.start { event in
        switch event {
        case .frames: Issue.record("frames")
        case .closed(let reason): closed.change { $0.append(reason) }
        }
      }
    }
    guard case .tcp(_, let port) = listener.endpoint else { throw Missing("a port") }
    var random = SeededRandom(state: 8)
    let frame = numbered(1).encoded
    let pieces: [[UInt8]] =
      [[], Array(frame.prefix(1)), frame, Array("GET / HTTP/1.1\r\n\r\n".utf8), [22, 3, 1, 0xff, 0xff]]
      + (0..<40).map { _ in
        [22, 3, 1, 0, 40] + (0..<60).map { _ in UInt8.random(in: 0...255, using: &random) }
      }
    for piece in pieces {
      let peer = try RawPeer(port: port)
      // Byte by byte, so that every beginning is seen.
      for byte in piece { peer.send([byte]) }
      peer.endOutput()
      _ = peer.readToEnd()
    }
    let reasons = try #require(closed.wait(patience) { $0.count == pieces.count ? $0 : nil })
    for reason in reasons {
      guard case .tls = reason else {
        Issue.record("\(reason)")
        continue
      }
    }
    listener.close()
  }

  /// A peer that connects and says nothing, or stops in the middle, is dropped by the handshake's limit.
  @Test func silenceInTheMiddleOfTheHandshakeEnds() throws {
    let refused = Monitor<[HandshakeError]>([])
    let listener = try TCPTransport(tls: try Certificates.tls("good")).listenForSessions(
      on: .tcp(host: "127.0.0.1", port: 0), as: try identity(.driver, limit: .milliseconds(50)),
      expecting: [.worker], refused: { _, error in refused.change { $0.append(error) } }
    ) { _ in Issue.record("accepted") }
    guard case .tcp(_, let port) = listener.endpoint else { throw Missing("a port") }
    for hello in [[], [22, 3, 1, 2, 0, 1, 0]] as [[UInt8]] {
      let peer = try RawPeer(port: port)
      peer.send(hello)
      _ = peer.readToEnd()
    }
    #expect(refused.wait(patience) { $0.count == 2 ? $0 : nil } == [.timedOut, .timedOut])
    listener.close()
    // The connecting side, and a server that accepts and never speaks.
    let silent = try RawListener(backlog: 8)
    let endpoint = Endpoint.tcp(host: "127.0.0.1", port: silent.port)
    #expect(throws: TransportError.handshake(endpoint, .timedOut)) {
      try TCPTransport(tls: try Certificates.tls("good")).openSession(
        to: endpoint, as: try identity(.worker, limit: .milliseconds(50)), expecting: [.driver],
        timeout: patience)
    }
    silent.close()
  }

  /// Everything between the two passes a hand that cuts and changes it.
  @Test func piecesAndCutsAndChanges() throws {
    for change in Relay.Change.allCases {
      let accepted = Monitor<(any Connection)?>(nil)
      let transport = TCPTransport(tls: try Certificates.tls("good"))
      let listener = try transport.listen(on: .tcp(host: "127.0.0.1", port: 0)) { connection in
        accepted.change { $0 = connection }
      }
      guard case .tcp(_, let port) = listener.endpoint else { throw Missing("a port") }
      let relay = try Relay(to: port, change)
      let near = try transport.connect(to: .tcp(host: "127.0.0.1", port: relay.port), timeout: patience)
      let (here, there) = (Recorder(), Recorder())
      near.start(here.handler)
      let far = try #require(accepted.wait(patience) { $0 })
      far.start(there.handler)
      // The answer means that the handshake is over on both sides.
      far.send(numbered(0))
      #expect(here.frames(1) == [numbered(0)])
      relay.change()
      near.send((1...20).map { numbered($0, size: 700) })
      switch change {
      case .byteByByte:
        #expect(there.frames(20) == (1...20).map { numbered($0, size: 700) })
        near.close()
        #expect(there.closeReason() == .eof)
      case .cut: #expect(there.closeReason() == .truncated)
      case .flip:
        guard case .tls(.broken) = there.closeReason() else {
          Issue.record("\(String(describing: there.closeReason()))")
          continue
        }
        #expect(there.log.withLock { $0.count } == 0)
      }
      near.abort()
      far.abort()
      relay.close()
      listener.close()
    }
  }

  @Test func theBindingIsTheSameAtBothEndsAndNowhereElse() throws {
    var bindings: [[UInt8]] = []
    for _ in 0..<2 {
      let pair = try Pair(.tls)
      let (near, far) = (Recorder(), Recorder())
      pair.near.start(near.handler)
      pair.far.start(far.handler)
      pair.near.send(numbered(1))
      pair.far.send(numbered(2))
      #expect(near.frames(1) != nil && far.frames(1) != nil)
      #expect(pair.near.binding.count == 32 && pair.near.binding == pair.far.binding)
      bindings.append(pair.near.binding)
      pair.end()
    }
    #expect(bindings[0] != bindings[1])
    #expect(try Pair(.tcp).near.binding == [])
  }

  @Test func mistakesInTheFilesAreTold() throws {
    let certificates = try Certificates.shared.get()
    let good = certificates.files("good")
    func error(_ certificate: String? = nil, key: String? = nil, authority: String? = nil) -> TLSFileError? {
      do throws(TLSFileError) {
        _ = try TLS(
          TLS.Files(
            certificate: certificate ?? good.certificate, key: key ?? good.key,
            authority: authority ?? good.authority))
        return nil
      } catch { return error }
    }
    let (none, folder) = (certificates.path("none"), certificates.folder.path)
    #expect(error() == nil)
    #expect(error(none) == .unreadable(none, code: 2))
    #expect(error(key: folder) == .notAFile(folder))
    #expect(error(good.key) == .noCertificate(good.key))
    #expect(error(key: good.certificate) == .openToOthers(good.certificate, mode: 0o644))
    #expect(error(authority: good.key) == .noAuthority(good.key))
    let other = certificates.files("elsewhere").key
    #expect(error(key: other) == .keyDoesNotFit(key: other, certificate: good.certificate))
    let locked = certificates.path("locked.key")
    try certificates.openssl("pkey", "-in", good.key, "-aes256", "-passout", "pass:x", "-out", locked)
    #expect(error(key: locked) == .noKey(locked))
  }

  @Test func filesComeFromOptionsOrTheEnvironment() throws {
    let environment = ["SWIFTLET_TLS_CERT": "c", "SWIFTLET_TLS_KEY": "k", "SWIFTLET_TLS_CA": "a"]
    let files = try TLS.Files.find(option: { $0 == "tls-key" ? "mine" : nil }, environment: environment)
    #expect(files == TLS.Files(certificate: "c", key: "mine", authority: "a"))
    #expect(try TLS.Files.find(option: { _ in nil }, environment: ["SWIFTLET_TLS_CERT": ""]) == nil)
    #expect(throws: TLSFileError.incomplete(missing: ["--tls-key", "--tls-ca"])) {
      try TLS.Files.find(option: { $0 == "tls-cert" ? "c" : nil }, environment: [:])
    }
  }
}
