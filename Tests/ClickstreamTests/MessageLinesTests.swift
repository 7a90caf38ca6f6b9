import Testing

import Clickstream

/// Kafka messages become one line each; raw control characters inside of strings stay malformed.
@Suite struct MessageLinesTests {
  private func reasons(_ messages: [String]) throws -> [RejectReason?] {
    var lines = MessageLines()
    for (index, message) in messages.enumerated() {
      Array(message.utf8).withUnsafeBytes { lines.append($0, offset: Int64(index)) }
    }
    var scanner = try EventScanner()
    var rest = lines.bytes
    var reasons: [RejectReason?] = []
    while !rest.isEmpty { reasons += try scanner.scan(&rest).map { RejectReason(rawValue: $0.reason) } }
    return reasons
  }

  @Test func controlCharacters() throws {
    func message(_ text: String, _ between: String = "") -> String {
      "{\(between)\"event_type\":\(between)\"x\",\"timestamp\":1,\"user_id\":\"a\(text)b\"\(between)}\(between)"
    }
    for character in ["\n", "\r", "\t"] {
      #expect(try reasons([message(character)]) == [.malformed], "\(character.debugDescription)")
      #expect(try reasons([message("", character)]) == [nil], "\(character.debugDescription)")
      #expect(try reasons([message("\\\"", character)]) == [nil], "\(character.debugDescription)")
      #expect(
        try reasons([message("\\\\\"\(character),\"y\":\"", "")]) == [nil], "\(character.debugDescription)")
    }
    #expect(
      try reasons([message("\\n"), message("\n"), "\n", message("\r\n"), message("")]) == [
        nil, .malformed, .malformed, nil,
      ])
    #expect(try reasons(["\u{feff}" + message("")]) == [nil])
    #expect(
      MessageLines.original(0xfe) == 0x0a && MessageLines.original(0xff) == 0x0d
        && MessageLines.original(0x41) == 0x41)
  }
}
