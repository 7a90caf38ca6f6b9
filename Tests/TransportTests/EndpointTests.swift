import Basics
import Testing
import Transport

@Suite struct EndpointTests {
  @Test(arguments: [
    ("127.0.0.1:7077", Endpoint.tcp(host: "127.0.0.1", port: 7077)),
    ("driver:0", .tcp(host: "driver", port: 0)),
    ("[::1]:65535", .tcp(host: "::1", port: 65535)),
    ("[fe80::1%eth0]:1", .tcp(host: "fe80::1%eth0", port: 1)),
    ("memory:driver", .memory("driver")), ("memory:a:b", .memory("a:b")),
  ])
  func textAndBytesSurvive(text: String, endpoint: Endpoint) throws {
    #expect(try Endpoint(text) == endpoint)
    #expect(endpoint.description == text)
    #expect(try Endpoint(decoding: endpoint.encoded) == endpoint)
  }

  @Test(arguments: [
    ("", "HOST:PORT"), ("localhost", "HOST:PORT"), (":7077", "a host"), ("[]:7077", "a host"),
    ("h:", "a port"),
    ("h:x", "a port"), ("h:+80", "a port"), ("h:-1", "a port"), ("h:65536", "a port"), ("h: 80", "a port"),
    ("h:99999999999999999999", "a port"), ("::1:7077", "brackets"), ("memory:", "a name"),
    ("a b:1", "spaces"),
    ("http://h:1", "brackets"), ("//h:1", "slashes"),
  ])
  func mistakesAreTold(text: String, expected: String) {
    do {
      _ = try Endpoint(text)
      Issue.record("\(text) passed")
    } catch {
      #expect(error.description.contains(expected) && error.description.contains("\"\(text)\""))
    }
    var writer = ByteWriter()
    writer.string(text)
    #expect(throws: WireError.self) { try Endpoint(decoding: writer.bytes) }
  }

  @Test func listeningBeyondTheMachineNeedsASecret() throws {
    let secret = try Secret([1, 2, 3], from: "test")
    for text in ["127.0.0.1:0", "127.9.8.7:0", "[::1]:0", "localhost:0", "memory:x", "[::ffff:127.0.0.1]:0"] {
      #expect(throws: Never.self) { try ListenPolicy.check(Endpoint(text), secret: nil) }
    }
    for text in [
      "0.0.0.0:0", "[::]:0", "10.0.0.1:0", "[2001:db8::1]:0", "128.0.0.1:0", "[::ffff:10.0.0.1]:0",
    ] {
      let endpoint = try Endpoint(text)
      #expect(throws: TransportError.secretNeededToListen(endpoint)) {
        try ListenPolicy.check(endpoint, secret: nil)
      }
      #expect(throws: Never.self) { try ListenPolicy.check(endpoint, secret: secret) }
    }
    let everywhere = Endpoint.tcp(host: "0.0.0.0", port: 0)
    #expect(throws: TransportError.secretNeededToListen(everywhere)) {
      try TCPTransport().listenForSessions(
        on: everywhere, as: Identity(role: .driver, name: "", secret: nil), expecting: [.client]
      ) { _ in }
    }
  }
}
