import Foundation
import OpenSSL
import TestSupport
import Testing
import Transport

@Suite struct SecretTests {
  private let temporary: TemporaryFolder
  private var folder: String { temporary.path }

  init() throws { temporary = try TemporaryFolder() }

  private func file(_ text: String, mode: Int = 0o600) throws -> String {
    let path = try temporary.write(UUID().uuidString, text)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    return path
  }

  @Test func aFilesLineEndIsNotPartOfIt() throws {
    let right = proof(try Secret(Array("s3cret".utf8), from: "test"))
    for text in ["s3cret", "s3cret\n", "s3cret\r\n"] {
      #expect(proof(try Secret(file: try file(text))) == right)
    }
    for text in ["s3cret ", "s3cret\n\n", " s3cret", "s3cre"] {
      #expect(proof(try Secret(file: try file(text))) != right)
    }
  }

  /// What a handshake makes of it: the only way to see a secret from outside.
  private func proof(_ secret: Secret) -> [UInt8] {
    func side(_ isInitiator: Bool) -> Handshake {
      Handshake(
        isInitiator: isInitiator, role: .shuffle, name: "", secret: secret, expected: [.shuffle],
        nonce: [UInt8](repeating: isInitiator ? 1 : 2, count: 32))
    }
    var (near, far) = (side(true), side(false))
    _ = far.handle(.opened)
    for case .send(let hello) in near.handle(.opened) {
      for case .send(let answer) in far.handle(.frame(hello)) {
        for case .send(let proof) in near.handle(.frame(answer)) { return proof.payload }
      }
    }
    return []
  }

  @Test func badFilesAreTold() throws {
    let empty = try file("")
    #expect(throws: SecretError.empty(empty)) { try Secret(file: empty) }
    let line = try file("\n")
    #expect(throws: SecretError.empty(line)) { try Secret(file: line) }
    for mode in [0o644, 0o604, 0o602, 0o666, 0o601] {
      let open = try file("x", mode: mode)
      #expect(throws: SecretError.openToOthers(open, mode: UInt32(mode))) { try Secret(file: open) }
    }
    #expect(throws: Never.self) { try Secret(file: try file("x", mode: 0o640)) }
    #expect(throws: SecretError.unreadable(folder + "/none", code: 2)) { try Secret(file: folder + "/none") }
    #expect(throws: SecretError.notAFile(folder)) { try Secret(file: folder) }
    let pipe = folder + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: SecretError.notAFile(pipe)) { try Secret(file: pipe) }
    let long = try file(String(repeating: "x", count: (64 << 10) + 1))
    #expect(throws: SecretError.tooLong(long, limit: 64 << 10)) { try Secret(file: long) }
  }

  @Test func theFileComesBeforeTheEnvironment() throws {
    let path = try file("from file\n")
    let environment = [Secret.variable: "from environment"]
    #expect(try Secret.find(file: nil, environment: [:]) == nil)
    let both = try #require(try Secret.find(file: path, environment: environment))
    #expect(proof(both) == proof(try Secret(Array("from file".utf8), from: "test")))
    let alone = try #require(try Secret.find(file: nil, environment: environment))
    #expect(proof(alone) == proof(try Secret(Array("from environment".utf8), from: "test")))
    #expect(throws: SecretError.empty(Secret.variable)) {
      try Secret.find(file: nil, environment: [Secret.variable: ""])
    }
  }

  @Test func noTextFormShowsIt() throws {
    let secret = try Secret(Array("hunter2".utf8), from: "test")
    var texts = ["\(secret)", String(reflecting: secret), String(describing: Optional(secret))]
    var dumped = ""
    dump(secret, to: &dumped)
    let identity = Identity(role: .driver, name: "d", secret: secret)
    dump(identity, to: &dumped)
    texts += [dumped, "\(identity)", String(reflecting: identity)]
    let handshake = Handshake(
      isInitiator: true, role: .client, name: "", secret: secret, expected: [],
      nonce: [UInt8](repeating: 0, count: 32))
    dump(handshake, to: &dumped)
    texts += [dumped, "\(handshake)"]
    for text in texts {
      #expect(!text.contains("hunter2"))
      // Nor its bytes, as an array would print them.
      #expect(!text.contains("104, 117"))
      #expect(!text.contains("- 104\n"))
    }
  }

  /// RFC 4231, test cases 1 and 2.
  @Test func hmacIsTheStandards() {
    func hex(_ bytes: [UInt8]?) -> String { (bytes ?? []).map { String(format: "%02x", $0) }.joined() }
    #expect(
      hex(Crypto.hmacSHA256(key: [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8)))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      hex(Crypto.hmacSHA256(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(Crypto.areEqual([1, 2, 3], [1, 2, 3]))
    #expect(!Crypto.areEqual([1, 2, 3], [1, 2, 4]))
    #expect(!Crypto.areEqual([1, 2, 3], [1, 2]))
    #expect(Crypto.randomBytes(32) != Crypto.randomBytes(32))
  }
}
