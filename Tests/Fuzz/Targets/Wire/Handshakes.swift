import Transport
import Wire

/// Choices: own role, expected role, with or without a secret, and one of two scenarios. Either a stranger sends the messages in the
/// input: type, length, payload. Or a man in the middle changes the messages between two legitimate peers.
extension FuzzTarget {
  static let handshake = FuzzTarget("handshake", longest: 1024) {
    let hello = Hello(role: .worker, name: "w", hasSecret: false, nonce: [UInt8](repeating: 7, count: 32))
      .encoded
    let guarded = Hello(role: .worker, name: "w", hasSecret: true, nonce: [UInt8](repeating: 7, count: 32))
      .encoded
    func message(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] { [type, UInt8(payload.count)] + payload }
    let proof = message(Handshake.Message.proof, [])
    return [
      [0, 0] + message(Handshake.Message.hello, hello) + proof,
      [0, 1] + message(Handshake.Message.hello, hello) + proof,
      [0, 2] + message(Handshake.Message.hello, guarded)
        + message(Handshake.Message.proof, [UInt8](repeating: 1, count: 32)),
      [0, 0] + message(Handshake.Message.refusal, [3]), [1, 0], [1, 2], [1, 2, 0, 6, 1], [1, 3, 2, 3, 255],
    ]
  } check: { input in
    var script = Script(input)
    if script.flag() {
      try relay(&script)
    } else {
      try stranger(&script)
    }
  }

  private static let nonce = [UInt8](0..<32)
  private static let secret = try? Secret([UInt8]("wrong-guess".utf8), from: "fuzzing")

  private static func stranger(_ script: inout Script) throws {
    let choices = script.byte()
    let (isInitiator, isGuarded) = (choices & 1 == 1, choices & 2 == 2)
    let expected: [Role] = isInitiator ? [.driver, .worker] : [.worker, .client]
    var handshake = Handshake(
      isInitiator: isInitiator, role: .driver, name: "d", secret: isGuarded ? secret : nil,
      expected: expected,
      nonce: nonce)
    var outcomes = 0
    var sent: [Frame] = []
    func take(_ actions: [Handshake.Action]) throws {
      try require(outcomes == 0 || actions.isEmpty, "it does something after its end")
      for action in actions {
        switch action {
        case .send(let frame):
          try require(frame.payload.count <= Handshake.limit, "a message over the limit")
          sent.append(frame)
        case .succeed(let peer):
          outcomes += 1
          try require(!isGuarded, "a stranger without the secret got in")
          try require(expected.contains(peer.role), "a \(peer.role) got in")
          try require(try Hello(decoding: peer.encoded) == peer, "a greeting is another one after decoding")
        case .fail: outcomes += 1
        }
      }
    }
    try take(handshake.handle(.opened))
    while !script.isAtEnd {
      let type = script.byte()
      try take(handshake.handle(.frame(Frame(type: type, payload: script.take(Int(script.byte()))))))
    }
    try take(handshake.handle(.timeOver))
    try require(outcomes == 1, "\(outcomes) ends")
    try require(sent.count <= 3, "\(sent.count) messages to a stranger")
  }

  /// Fails if a peer accepts the connection although a message was changed.
  private static func relay(_ script: inout Script) throws {
    let isGuarded = script.byte() & 2 == 2
    func side(_ isInitiator: Bool) -> Handshake {
      Handshake(
        isInitiator: isInitiator, role: isInitiator ? .worker : .driver, name: "side",
        secret: isGuarded ? secret : nil,
        expected: isInitiator ? [.driver] : [.worker], nonce: isInitiator ? nonce : nonce.reversed())
    }
    var sides = [side(true), side(false)]
    var succeeded = [false, false]
    // By receiver: whether a message was changed before it accepted.
    var changed = [false, false]
    var queue: [(to: Int, frame: Frame)] = []
    func take(_ actions: [Handshake.Action], of side: Int) {
      for action in actions {
        switch action {
        case .send(let frame): queue.append((1 - side, frame))
        case .succeed: succeeded[side] = true
        case .fail: break
        }
      }
    }
    for side in 0...1 { take(sides[side].handle(.opened), of: side) }
    var target = Int(script.byte())
    while !queue.isEmpty {
      var (to, frame) = queue.removeFirst()
      if target == 0, !frame.payload.isEmpty {
        var payload = frame.payload
        payload[Int(script.byte()) % payload.count] ^= script.byte()
        if !succeeded[to], payload != frame.payload { changed[to] = true }
        frame = Frame(type: frame.type, payload: payload)
        target = Int(script.byte())
      } else if target > 0 {
        target -= 1
      }
      take(sides[to].handle(.frame(frame)), of: to)
    }
    if isGuarded {
      try require(
        !(changed[0] && succeeded[0]) && !(changed[1] && succeeded[1]), "a changed message was believed")
    }
    if !changed[0], !changed[1] {
      try require(succeeded == [true, true], "two who belong together did not meet")
    }
  }
}
