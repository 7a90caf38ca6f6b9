import TestSupport
import Testing
import Transport
import Wire

/// The handshake's state machine, without a connection.
@Suite struct HandshakeTests {
  static let secretA = try? Secret(Array("correct horse".utf8), from: "test")
  static let secretB = try? Secret(Array("battery staple".utf8), from: "test")

  private func nonce(_ seed: UInt64) -> [UInt8] {
    var random = SeededRandom(state: seed)
    return (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  private func worker(_ secret: Secret?, nonce seed: UInt64 = 1, expecting: [Role] = [.driver]) -> Handshake {
    Handshake(
      isInitiator: true, role: .worker, name: "w", secret: secret, expected: expecting, nonce: nonce(seed))
  }

  private func driver(_ secret: Secret?, nonce seed: UInt64 = 2) -> Handshake {
    Handshake(
      isInitiator: false, role: .driver, name: "d", secret: secret, expected: [.worker, .client],
      nonce: nonce(seed))
  }

  private enum Outcome: Hashable {
    case success(Role)
    case failure(HandshakeError)
  }

  /// Plays two sides against each other; `change` may alter what the network carries.
  private func play(
    _ first: Handshake, _ second: Handshake, change: (_ toAcceptor: Bool, Frame) -> Frame = { $1 }
  ) -> (initiator: [Outcome], acceptor: [Outcome], frames: [(toAcceptor: Bool, frame: Frame)]) {
    var sides = [first, second]
    var outcomes: [[Outcome]] = [[], []]
    var frames: [(toAcceptor: Bool, frame: Frame)] = []
    var queue: [(Int, Handshake.Event)] = [(1, .opened), (0, .opened)]
    while let (side, event) = queue.first {
      queue.removeFirst()
      for action in sides[side].handle(event) {
        switch action {
        case .send(let frame):
          frames.append((side == 0, frame))
          queue.append((1 - side, .frame(change(side == 0, frame))))
        case .succeed(let peer): outcomes[side].append(.success(peer.role))
        case .fail(let error): outcomes[side].append(.failure(error))
        }
      }
    }
    return (outcomes[0], outcomes[1], frames)
  }

  private func frames(_ actions: [Handshake.Action]) -> [Frame] {
    actions.compactMap { if case .send(let frame) = $0 { frame } else { nil } }
  }

  private func failure(_ actions: [Handshake.Action]) -> HandshakeError? {
    actions.compactMap { if case .fail(let error) = $0 { error } else { nil } }.first
  }

  private func hasSucceeded(_ actions: [Handshake.Action]) -> Bool {
    actions.contains { if case .succeed = $0 { true } else { false } }
  }

  @Test func theMatrixOfSecrets() throws {
    let (a, b) = (try #require(Self.secretA), try #require(Self.secretB))
    for secret in [nil, a] {
      let result = play(worker(secret), driver(secret))
      #expect(result.initiator == [.success(.driver)])
      #expect(result.acceptor == [.success(.worker)])
      #expect(result.frames.count == 4)
    }
    let missing = play(worker(nil), driver(a))
    #expect(missing.initiator == [.failure(.secretRequired(by: .driver))])
    #expect(missing.acceptor == [.failure(.secretMissing(at: .worker))])
    let unexpected = play(worker(a), driver(nil))
    #expect(unexpected.initiator == [.failure(.secretMissing(at: .driver))])
    #expect(unexpected.acceptor == [.failure(.secretRequired(by: .worker))])
    let wrong = play(worker(a), driver(b))
    #expect(wrong.initiator == [.failure(.refused(.wrongSecret))])
    #expect(wrong.acceptor == [.failure(.wrongSecret(.worker))])
    // The acceptor proves nothing to one who could not.
    #expect(!wrong.frames.contains { !$0.toAcceptor && $0.frame.type == Handshake.Message.proof })
  }

  /// Both sides learn both builds: the worker refuses by itself, the driver for its log.
  @Test func aWorkerOfAnotherBuildIsRefused() {
    func handshake(_ role: Role, _ build: String, expecting: Role, _ isInitiator: Bool) -> Handshake {
      Handshake(
        isInitiator: isInitiator, role: role, name: "n", build: build, secret: nil, expected: [expecting],
        nonce: nonce(isInitiator ? 1 : 2))
    }
    let result = play(
      handshake(.worker, "job build 1", expecting: .driver, true),
      handshake(.driver, "job build 2", expecting: .worker, false))
    let told = HandshakeError.otherBuild(of: .driver, "job build 2", own: "job build 1")
    #expect(result.initiator == [.failure(told)])
    #expect(result.acceptor == [.failure(.otherBuild(of: .worker, "job build 1", own: "job build 2"))])
    #expect(
      told.description
        == "the driver is job build 2, this process is job build 1: start driver and workers from the same build of the same program"
    )
    // Clients and shuffle services send no code that must fit.
    let client = play(
      handshake(.client, "a", expecting: .driver, true), handshake(.driver, "b", expecting: .client, false))
    #expect(client.initiator == [.success(.driver)])
  }

  @Test func whatTheUserReads() {
    #expect(
      HandshakeError.secretRequired(by: .driver).description
        == "the driver requires a secret: pass --secret-file or set SWIFTLET_SECRET")
  }

  @Test func rolesMustFit() {
    let result = play(worker(nil, expecting: [.shuffle]), driver(nil))
    #expect(result.initiator == [.failure(.wrongRole(.driver, expected: [.shuffle]))])
    let other = Handshake(
      isInitiator: true, role: .shuffle, name: "", secret: nil, expected: [.driver], nonce: nonce(1))
    let turned = play(other, driver(nil))
    #expect(turned.acceptor == [.failure(.wrongRole(.shuffle, expected: [.worker, .client]))])
    #expect(turned.initiator == [.failure(.refused(.wrongRole))])
  }

  @Test func aReplayedSessionIsRefused() throws {
    let secret = try #require(Self.secretA)
    let recorded = play(worker(secret), driver(secret)).frames.filter(\.toAcceptor).map(\.frame)
    var victim = driver(secret, nonce: 3)
    _ = victim.handle(.opened)
    let actions = recorded.flatMap { victim.handle(.frame($0)) }
    #expect(failure(actions) == .wrongSecret(.worker))
    #expect(!hasSucceeded(actions))
    // The other way: a driver that is a recording.
    let answers = play(worker(secret), driver(secret)).frames.filter { !$0.toAcceptor }.map(\.frame)
    var client = worker(secret, nonce: 4)
    _ = client.handle(.opened)
    let told = answers.flatMap { client.handle(.frame($0)) }
    #expect(failure(told) == .wrongSecret(.driver) && !hasSucceeded(told))
  }

  /// Somebody between the two has a TLS connection to each: what one side proves is worth nothing on the other.
  @Test func aProofIsForOneConnectionOnly() throws {
    let secret = try #require(Self.secretA)
    func sides(_ near: [UInt8], _ far: [UInt8]) -> (Handshake, Handshake) {
      var (first, second) = (worker(secret), driver(secret))
      first.binding = near
      second.binding = far
      return (first, second)
    }
    let (near, far) = sides([1, 2, 3], [1, 2, 4])
    let passedOn = play(near, far)
    #expect(passedOn.acceptor == [.failure(.wrongSecret(.worker))])
    #expect(passedOn.initiator == [.failure(.refused(.wrongSecret))])
    let (first, second) = sides([1, 2, 3], [1, 2, 3])
    #expect(play(first, second).acceptor == [.success(.worker)])
  }

  @Test func ourOwnWordsSentBackAreRefused() throws {
    let secret = try #require(Self.secretA)
    var peer = Handshake(
      isInitiator: true, role: .shuffle, name: "", secret: secret, expected: [.shuffle], nonce: nonce(1))
    let hello = frames(peer.handle(.opened))
    #expect(failure(peer.handle(.frame(hello[0]))) == .reflected)
  }

  /// An attacker without the secret answers with a greeting of its own and our own proof.
  @Test func ourOwnProofSentBackIsRefused() throws {
    let secret = try #require(Self.secretA)
    func shuffle(_ isInitiator: Bool, _ secret: Secret, _ seed: UInt64) -> Handshake {
      Handshake(
        isInitiator: isInitiator, role: .shuffle, name: "", secret: secret, expected: [.shuffle],
        nonce: nonce(seed))
    }
    var attacker = shuffle(false, try #require(Self.secretB), 9)
    var victim = shuffle(true, secret, 1)
    _ = attacker.handle(.opened)
    let answer = frames(victim.handle(.opened)).flatMap { frames(attacker.handle(.frame($0))) }
    let proof = answer.flatMap { frames(victim.handle(.frame($0))) }
    #expect(proof.map(\.type) == [Handshake.Message.proof])
    #expect(failure(victim.handle(.frame(proof[0]))) == .wrongSecret(.shuffle))
  }

  /// Whatever bit of a greeting or proof is changed on the way, nobody succeeds who does not notice.
  @Test func everyChangedBitIsNoticed() throws {
    let secret = try #require(Self.secretA)
    let messages = play(worker(secret), driver(secret)).frames
    for (index, message) in messages.enumerated() {
      for bit in 0..<message.frame.payload.count * 8 {
        var seen = -1
        let result = play(worker(secret), driver(secret)) { _, frame in
          seen += 1
          guard seen == index else { return frame }
          var payload = frame.payload
          payload[bit / 8] ^= 1 << (bit % 8)
          return Frame(type: frame.type, payload: payload)
        }
        // The last message is for the initiator alone: the acceptor is done by then.
        #expect(!result.initiator.contains(.success(.driver)))
        if index < 3 { #expect(!result.acceptor.contains(.success(.worker))) }
      }
    }
  }

  @Test func greetingsCutShortOrTooLongAreRefused() {
    var side = worker(nil)
    let hello = frames(side.handle(.opened))[0]
    for length in 0..<hello.payload.count {
      var victim = driver(nil)
      _ = victim.handle(.opened)
      let error = failure(
        victim.handle(.frame(Frame(type: hello.type, payload: Array(hello.payload[..<length])))))
      switch error {
      case .notSwiftlet: #expect(length < 4)
      case .malformed(.truncated): #expect(length >= 4)
      default: Issue.record("length \(length): \(String(describing: error))")
      }
    }
    var victim = driver(nil)
    _ = victim.handle(.opened)
    #expect(
      failure(victim.handle(.frame(Frame(type: hello.type, payload: hello.payload + [0]))))
        == .malformed(.trailingBytes(1)))
  }

  @Test func anotherVersionIsTold() {
    let result = play(worker(nil), driver(nil)) { toAcceptor, frame in
      guard toAcceptor, frame.type == Handshake.Message.hello else { return frame }
      var payload = Array(frame.payload.prefix(6))
      payload[4] = 9
      return Frame(type: frame.type, payload: payload)
    }
    #expect(result.acceptor == [.failure(.wrongVersion(9))])
    #expect(result.initiator == [.failure(.refused(.wrongVersion))])
  }

  @Test func unexpectedMessagesAreRefused() throws {
    let secret = try #require(Self.secretA)
    let recorded = play(worker(secret), driver(secret)).frames.map(\.frame)
    for type in UInt8.min...UInt8.max
    where type != Handshake.Message.hello && type != Handshake.Message.refusal {
      var victim = driver(secret)
      _ = victim.handle(.opened)
      #expect(
        failure(victim.handle(.frame(Frame(type: type, payload: recorded[0].payload))))
          == .unexpectedMessage(type))
      // It is over: even the right words come too late.
      #expect(recorded.allSatisfy { victim.handle(.frame($0)).isEmpty })
      #expect(victim.handle(.timeOver).isEmpty)
    }
    var victim = driver(secret)
    _ = victim.handle(.opened)
    _ = victim.handle(.frame(recorded[0]))
    #expect(failure(victim.handle(.frame(recorded[0]))) == .unexpectedMessage(Handshake.Message.hello))
  }

  @Test func silenceAndHangingUpEndIt() {
    var silent = worker(nil)
    _ = silent.handle(.opened)
    #expect(silent.handle(.timeOver) == [.fail(.timedOut)])
    #expect(silent.handle(.timeOver) == [])
    var lost = driver(nil)
    _ = lost.handle(.opened)
    #expect(lost.handle(.closed(.eof)) == [.fail(.closed(.eof))])
    #expect(lost.handle(.opened) == [])
  }

  @Test func randomMessagesNeverGetIn() throws {
    let secret = try #require(Self.secretA)
    var random = SeededRandom(state: 5)
    let recorded = play(worker(secret), driver(secret)).frames.filter(\.toAcceptor).map(\.frame)
    for _ in 0..<5000 {
      var victim = driver(secret, nonce: 77)
      _ = victim.handle(.opened)
      for _ in 0..<4 {
        let base = recorded[Int.random(in: 0..<recorded.count, using: &random)]
        var payload = base.payload
        for _ in 0..<Int.random(in: 0...4, using: &random) {
          payload[Int.random(in: 0..<payload.count, using: &random)] = UInt8.random(
            in: 0...255, using: &random)
        }
        if Bool.random(using: &random) {
          payload = Array(payload.prefix(Int.random(in: 0...70, using: &random)))
        }
        #expect(!hasSucceeded(victim.handle(.frame(Frame(type: base.type, payload: payload)))))
      }
    }
  }

  @Test func nothingThatIsSentHoldsTheSecret() throws {
    let secret = try #require(Self.secretA)
    let text = Array("correct horse".utf8)
    for message in play(worker(secret), driver(secret)).frames {
      let payload = message.frame.payload
      #expect(payload.count <= Handshake.limit)
      #expect(!payload.indices.contains { payload[$0...].starts(with: text) })
    }
  }

  @Test func aLongNameIsCut() {
    let long = Handshake(
      isInitiator: true, role: .worker, name: String(repeating: "ü", count: 5000), secret: nil,
      expected: [.driver],
      nonce: nonce(1))
    #expect(play(long, driver(nil)).acceptor == [.success(.worker)])
  }
}
