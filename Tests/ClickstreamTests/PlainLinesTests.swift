import CSimdJSON
import TestSupport
import Testing

/// Lines as producers write them, and lines that differ a little from those: `scan` compares the kernels.
@Suite struct EventsPlainLinesTests {
  private static let names = [
    "event_type", "timestamp", "user_id", "session_id", "page_url", "device", "duration_ms", "price",
    "quantity", "event_id", "os", "x", "", "prize", "event_tape", "a_name_of_many_more_than_fifteen_bytes",
  ]
  private static let values = [
    #""click""#, #""page_view""#, #""purchase""#, #""add_to_cart""#, #""search""#, #""mobile""#,
    #""mobbile""#, #""CLICK""#, #""Page_View""#, #""page\u{7f}view""#, #""MOBILE""#, #""moBile""#, #""12.5""#,
    #""-3e2""#, #""007""#,
    #""1743552001393""#, "12.0", "1e18", "-0", "1e999",
    "0", "7", "1743552001393", "12345678901234567890", "01", "-5", "1.25", "1e3",
    "0.5", "00.5", "10.05", "5.", ".5", "1.2.3", "123456789012345", "1234567890123.4", "12345678901234.5",
    "123456789012345.6", "0.000000000000001", "1.5e2", "1x5", "null", "true", "false",
    "nulls", "[1]", "{}", #""""#, #""\n""#, #""é""#, "\"\t\"", #""a,b:{}""#, "\"\u{7f}\"",
    #""2025-04-01T10:00:00Z""#, "\"" + String(repeating: "u", count: 61) + "\"",
    "\"" + String(repeating: "long", count: 60) + "\"",
  ]

  private func line(_ random: inout SeededRandom) -> String {
    var members = [
      ("event_type", #""click""#), ("timestamp", "1743552001393"), ("user_id", #""u12345""#),
      ("session_id", #""s-1""#), ("page_url", #""https://shop.example/p/1""#), ("device", #""mobile""#),
      ("duration_ms", "1234"), ("price", "9.99"), ("quantity", "2"), ("os", #""Linux""#),
    ]
    members.shuffle(using: &random)
    let changes = Int.random(in: -2...3, using: &random)
    for _ in 0..<max(0, changes) {
      let index = Int.random(in: 0..<members.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: members[index].0 = EventsPlainLinesTests.names.randomElement(using: &random) ?? ""
      case 1: members[index].1 = EventsPlainLinesTests.values.randomElement(using: &random) ?? ""
      case 2: members.append(members[index])
      default: members.remove(at: index)
      }
      if members.isEmpty { return "{}" }
    }
    let (comma, colon) =
      [(",", ":"), (", ", ": "), (",", ": "), (" ,", ":"), (",  ", ":")].randomElement(using: &random)
      ?? (",", ":")
    return "{" + members.map { "\"\($0.0)\"\(colon)\($0.1)" }.joined(separator: comma) + "}"
  }

  @Test(arguments: 1...40) func variations(_ seed: Int) throws {
    var random = SeededRandom(state: UInt64(seed))
    let lines = (0..<100).map { _ in line(&random) }
    let newline = seed % 4 == 0 ? "\r\n" : "\n"
    let found = try scan(lines.joined(separator: newline))
    #expect(found.count == lines.count)
    #expect(found.contains { $0.reason == nil })
  }

  /// Any byte anywhere replaced, left out or put in.
  @Test(arguments: 1...20) func mutations(_ seed: Int) throws {
    var random = SeededRandom(state: UInt64(seed) &* 977)
    let alphabet = Array("\"\\{}[]:, \n\r\tae01.-\u{e9}".utf8) + [0, 0x1f, 0x80, 0xff]
    for _ in 0..<50 {
      var text = Array((0..<5).map { _ in line(&random) }.joined(separator: "\n").utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0..<text.count, using: &random)
        let byte = alphabet.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text[index] = byte
        case 1: text.remove(at: index)
        default: text.insert(byte, at: index)
        }
      }
      _ = try scan(text)
    }
  }

  /// Blocks of 64 bytes and windows of many begin anywhere in a line.
  @Test func everyAlignment() throws {
    var random = SeededRandom(state: 5)
    let lines = (0..<300).map { _ in line(&random) }.joined(separator: "\n")
    for shift in 0..<64 {
      let first = #"{"event_type":"\#(String(repeating: "x", count: shift))","timestamp":1,"user_id":"u"}"#
      _ = try scan(first + "\n" + lines)
    }
  }

  @Test func longerThanAWindow() throws {
    let long = String(repeating: "https://shop.example/", count: 4000)
    let line = #"{"event_type":"click","timestamp":1,"user_id":"u","page_url":"\#(long)"}"#
    let found = try scan([line, line, line].joined(separator: "\n"))
    #expect(found.map(\.page?.count) == [long.utf8.count, long.utf8.count, long.utf8.count])
  }

  /// Lines of a few shapes with all sorts of values, some with a byte changed: what was learned of one line is expected of the next.
  @Test(arguments: 1...30) func shapes(_ seed: Int) throws {
    var random = SeededRandom(state: UInt64(seed) &* 31)
    let usual = [
      ("event_type", #""click""#), ("timestamp", "1743552001393"), ("user_id", #""u1""#),
      ("session_id", #""s""#), ("page_url", #""/p""#), ("device", #""mobile""#), ("duration_ms", "12"),
      ("price", "9.99"), ("quantity", "2"), ("os", #""Linux""#), ("x", "1e3"), ("user_id", #""u2""#),
    ]
    let (comma, colon) = seed % 3 == 0 ? (", ", ": ") : (",", ":")
    // A name that comes twice is no part of a shape, so most lines have none; some have their time as a text.
    let shapes = (0..<6).map { _ in
      let hasTwice = random.next() % 6 == 0
      let isText = random.next() % 4 == 0
      return usual.filter { hasTwice || $0.1 != #""u2""# }
        .map { isText && $0.0 == "timestamp" ? ($0.0, #""2025-04-01T10:00:00Z""#) : $0 }
        .shuffled(using: &random).dropLast(Int(random.next() % 3))
    }
    var text: [UInt8] = []
    for _ in 0..<600 {
      let shape = shapes[Int(random.next() % (random.next() % 3 == 0 ? 6 : 2))]
      let members = shape.map { name, value in
        let value =
          random.next() % 16 == 0 ? EventsPlainLinesTests.values.randomElement(using: &random) ?? "" : value
        return "\"\(name)\"\(colon)\(value)"
      }
      var line = Array("{\(members.joined(separator: comma))}\n".utf8)
      if random.next() % 6 == 0 {
        line[Int.random(in: 0..<line.count - 1, using: &random)] =
          Array("\"}:, 0x".utf8).randomElement(using: &random) ?? 0
      }
      text += line
    }
    let found = try scan(text)
    #expect(found.contains { $0.reason == nil } && found.contains { $0.reason != nil })
  }
}
