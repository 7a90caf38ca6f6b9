import Clickstream
import Testing

@Suite struct RejectedLineTests {
  private func line(_ text: String) -> RejectedLine {
    RejectedLine(file: "f", number: 1, offset: 0, reason: .malformed, line: Array(text.utf8))
  }

  /// Lines of Windows files end with a carriage return.
  @Test func leavesOutTheLineEnd() {
    #expect(line("tru\r").summary.hasSuffix("\n    tru"))
    #expect(line("tru\r").json.hasSuffix("\"line\":\"tru\"}\n"))
  }

  @Test(arguments: [199, 4095]) func endsBetweenCharacters(_ length: Int) {
    let text = String(repeating: "x", count: length)
    let rejected = line(text + "é and more")
    #expect(!rejected.summary.contains("\u{fffd}") && !rejected.json.contains("\u{fffd}"))
    #expect(rejected.summary.hasSuffix(" …"))
    #expect(length < 200 || rejected.json.hasSuffix("\"line\":\"\(text)\"}\n"))
  }
}
