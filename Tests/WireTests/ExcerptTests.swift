import Basics
import Testing
import Wire

@Suite struct ExcerptTests {
  @Test(arguments: [
    ("abc", 3, "abc"), ("abc\n", 4, "abc"), ("abc\r\n", 5, "abc"), ("abc\r", 9, "abc"), ("\r\n", 9, ""),
    ("", 9, ""),
    ("abcd", 3, "abc …"), ("aé", 2, "a …"), ("a€b", 3, "a …"), ("a€b", 4, "a€ …"), ("🙈b", 3, " …"),
    ("🙈b", 4, "🙈 …"),
  ])
  func text(_ line: String, _ limit: Int, _ expected: String) {
    #expect(Excerpt.text(Array(line.utf8), atMost: limit) == expected)
  }

  /// Bytes that are not UTF-8 have no boundary to look for.
  @Test func bytesThatAreNotText() {
    #expect(Excerpt.length(of: [UInt8](repeating: 0x80, count: 9), atMost: 5) == 5)
    #expect(Excerpt.length(of: [UInt8](repeating: 0x80, count: 9), atMost: 2) == 2)
  }

  /// Positions of a slice do not start at 0.
  @Test func slices() {
    #expect(Excerpt.text(Array("xxaé€\r".utf8)[2...], atMost: 6) == "aé€")
    #expect(Excerpt.text(Array("xxaé\r".utf8)[2...], atMost: 6) == "aé")
  }

  @Test func longFailureMessagesAreCutBetweenCharacters() {
    let text = String(repeating: "x", count: TaskFailure.longestMessage - 1)
    #expect(TaskFailure.fatal(text + "é…").shortened == .fatal(text + " …"))
  }
}
