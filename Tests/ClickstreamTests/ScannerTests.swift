import CSimdJSON
import Clickstream
import TestSupport
import Testing

/// A good line with more in it.
private func line(_ more: String = "") -> String {
  #"{"event_type":"click","timestamp":5,"user_id":"u"\#(more)}"#
}

@Suite struct EventsScannerTests {
  /// Values that no field needs must be valid all the same.
  @Test(arguments: [
    "1", "-0", "0.5", "1e5", "1E+5", "-1.25e-300", "1e999", "12345678901234567890123", "true", "false",
    "null", #""""#,
    #""\"\\\/\b\f\n\r\tA\uD83D\uDE00""#, #""\ud800""#, "[]", "{}", "[ ]", "{ }", "[1,[2,{\"a\":[]}],\"x\"]",
    "\"\u{7f}é😀\"",
    "{\"a\":{\"b\":null,\"a\":1}}", "  1  ", "[\t1 ,\r2 ]",
  ])
  func validValue(_ value: String) throws {
    for text in [
      line(",\"x\":\(value)"), "{\"x\":\(value),\(line().dropFirst())", line(",\"x\":[{\"y\":\(value)}]"),
    ] {
      #expect(try scan(text).map(\.reason) == [nil], "\(text)")
    }
  }

  @Test(arguments: [
    "", "tru", "truex", "True", "nul", "NaN", "Infinity", "-Infinity", "-", "+1", "01", "-01", "1.", ".5",
    "1.e5", "1e", "1e+",
    "0x10", "1_000", "1 2", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u12\"", "\"\\\"", "'a'", "[", "]", "{", "[1",
    "[1,]", "[,1]",
    "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{a:1}", "{1:2}", "{\"a\" 1}", "[1}", "{\"a\":1]",
    "\"a\"\"b\"",
    "\"a\"b", "1\"b\"", "true\"b\"", "\"a\u{1}\"", "\"a\tb\"", "\u{b}1", "1\u{c}", "\u{1a}", "\u{0}",
    "\u{feff}1", "\u{a0}1", "/**/1",
    "\"\\ud83d\\u\"",
  ])
  func malformedValue(_ value: String) throws {
    let good = line()
    for text in [
      line(",\"x\":\(value)"), "{\"x\":\(value),\(line().dropFirst())", line(",\"x\":[{\"y\":\(value)}]"),
    ] {
      // Lines around a bad one are not harmed by it.
      let found = try scan("\(good)\n\(text)\n\(good)")
      #expect(found.map(\.reason) == [nil, .malformed, nil], "\(text)")
      #expect(try scan(text).map(\.reason) == [.malformed], "\(text)")
    }
  }

  @Test(arguments: [
    ("{}", RejectReason.missingEventType), ("[1]", .notAnObject), ("\"x\"", .notAnObject),
    ("12", .notAnObject),
    ("null", .notAnObject), ("[1", .malformed), ("{} {}", .malformed), ("{}x", .malformed), ("}", .malformed),
    ("{\"a\":1}}", .malformed), (",", .malformed), ("\\", .malformed), ("\u{feff}{}", .malformed),
    (#"{"event_type":1}"#, .wrongEventType), (#"{"event_type":null}"#, .wrongEventType),
    (#"{"event_type":"x"}"#, .missingTimestamp), (#"{"event_type":"x","timestamp":null}"#, .wrongTimestamp),
    (#"{"event_type":"x","timestamp":{}}"#, .wrongTimestamp),
    (#"{"event_type":"x","timestamp":true}"#, .wrongTimestamp),
    (#"{"event_type":"x","timestamp":"no"}"#, .missingUserID),
    (#"{"event_type":"x","timestamp":1,"user_id":true}"#, .wrongUserID),
    (#"{"event_type":"x","timestamp":1,"user_id":""}"#, .missingUserID),
    (#"{"event_type":"x","timestamp":1,"user_id":"u","user_id":""}"#, .missingUserID),
    (#"{"event_type":"x","timestamp":"1743552001393","user_id":"u"}"#, .badTimestamp),
    (#"{"event_type":"x","timestamp":"no","user_id":"u"}"#, .badTimestamp),
    (#"{"event_type":"x","timestamp":1.5,"user_id":"u"}"#, .badTimestamp),
    (#"{"event_type":"x","timestamp":1,"user_id":"u","user_id":null}"#, .wrongUserID),
    (#"{"event_type":"x","timestamp":1,"user_id":"u","timestamp":"no"}"#, .badTimestamp),
    (#"{"event_type":"x","timestamp":1,"USER_ID":"u"}"#, .missingUserID),
  ])
  func rejected(_ text: String, _ reason: RejectReason) throws {
    #expect(try scan(text).map(\.reason) == [reason])
  }

  @Test(arguments: [
    ("0", 0), ("-0", 0), ("-1", -1), ("1.7436e12", 1_743_600_000_000),
    ("1743600000000.000", 1_743_600_000_000),
    ("17436000000000000e-4", 1_743_600_000_000), ("9223372036854775807", Int64.max),
    ("-9223372036854775808", .min),
    ("922337203685477580.7e1", .max), ("0.000001e6", 1), ("0e999999999999999999999", 0), ("0.000e-5", 0),
    ("1e18", 1_000_000_000_000_000_000),
    ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e19", nil), ("1e-1", nil), ("1.5", nil),
    ("15e-1", nil),
    ("1e99999999999999999999", nil), ("1e-99999999999999999999", nil),
    ("0.00000000000000000000000000000001", nil),
    ("100000000000000000000000000000000e-32", 1), ("99999999999999999999", nil),
  ])
  func numericTimestamp(_ text: String, _ expected: Int64?) throws {
    let found = try #require(try scan(#"{"user_id":"u","event_type":"x","timestamp":\#(text)}"#).first)
    #expect(found.reason == (expected == nil ? .badTimestamp : nil))
    #expect(found.timestamp == expected ?? 0)
  }

  @Test(arguments: [
    ("0", 0), ("12.5", 12.5), ("0.1", 0.1), ("1e22", 1e22), ("123456789012345678", 123_456_789_012_345_680),
    ("9007199254740993", 9_007_199_254_740_992), ("1.7976931348623157e308", .greatestFiniteMagnitude),
    ("4.9e-324", .leastNonzeroMagnitude), ("1e-400", 0), ("0e400", 0), ("1e400", nil), ("-1e309", nil),
    ("\"1\"", 1), ("\"-12.50\"", -12.5), ("\"1e3\"", 1000), ("\"\\u0031\\u002e5\"", 1.5), ("\"\"", nil),
    ("\" 1\"", nil),
    ("\"1,5\"", nil), ("\"1e999\"", nil), ("\"NaN\"", nil), ("{\"a\":1}", nil), ("false", nil),
    ("null", nil), ("[1]", nil), ("true", nil), ("0.000000000000000000000000000000000000001e39", 1),
    ("3.14159265358979323846264338327950288", 3.141592653589793),
  ])
  func number(_ text: String, _ expected: Double?) throws {
    for name in ["price", "quantity", "duration_ms"] {
      let found = try #require(try scan(line(",\"\(name)\":\(text)")).first)
      #expect(found.reason == nil)
      let value = name == "price" ? found.price : name == "quantity" ? found.quantity : found.duration
      #expect(value == expected, "\(name) \(text)")
      #expect(
        found.ignored.map(\.name) == (expected == nil && text != "null" ? [name] : []), "\(name) \(text)")
    }
  }

  @Test func fields() throws {
    let text = #"""
      {"x":{"user_id":"no","timestamp":1},"\u0075ser\u005fid":"\ud83d\ude00\u0000\"\ud800","device":"m\u006fbile","page_url":"",
      "session_id":"s","price":1,"price":2.5,"quantity":3,"quantity":null,"duration_ms":-7,"event_type":"add\u005fto_cart",
      "timestamp":"2025-04-01T00:00:00.0019Z","session_id":null,"userXid":"no"}
      """#.filter { $0 != "\n" }
    let found = try #require(try scan(text).first)
    #expect(found.user == Array("😀\0\"\u{fffd}".utf8))
    #expect(found.isMobile && found.page == [] && found.session == nil)
    #expect(found.price == 2.5 && found.quantity == nil && found.duration == -7)
    #expect(found.type == 4 && found.timestamp == 1_743_465_600_001)
  }

  /// Ids may be numbers: the digits of an integer, otherwise the text.
  @Test(arguments: [
    ("5", "5"), ("-7", "-7"), ("0", "0"), ("-0", "0"), ("12345678901234567", "12345678901234567"),
    ("12.0", "12"),
    ("1.234567890123E12", "1234567890123"), ("1e18", "1000000000000000000"), ("1.5", "1.5"), ("1e19", "1e19"),
    ("99999999999999999999", "99999999999999999999"), ("\"007\"", "007"),
  ])
  func numericID(_ text: String, _ expected: String) throws {
    let found = try #require(
      try scan(#"{"user_id":\#(text),"session_id":\#(text),"event_type":"x","timestamp":5}"#).first)
    #expect(found.user == Array(expected.utf8) && found.session == Array(expected.utf8))
    #expect(found.ignored.isEmpty)
    // As many of them as possible in one chunk.
    let many = String(repeating: #""user_id":\#(text),"session_id":\#(text),"#, count: 5000)
    let last = try #require(try scan("{" + many + line().dropFirst()).first)
    #expect(last.user == Array("u".utf8) && last.session == Array(expected.utf8))
  }

  @Test(
    arguments: [
      ("page_view", 1), ("PAGE_VIEW", 1), ("Click", 2), ("sEARCH", 3), ("Add_To_Cart", 4), ("PURCHASE", 5),
      ("page\u{7f}view", 0),
      ("PAGEXVIEW", 0), ("click ", 0), ("clic\u{0b}", nil), ("", 0), ("@", 0), ("ｃlick", 0),
    ] as [(String, Int?)])
  func typesInAnyCase(_ type: String, _ expected: Int?) throws {
    let found = try #require(try scan(#"{"user_id":"u","event_type":"\#(type)","timestamp":5,"x":1}"#).first)
    #expect(found.reason == (expected == nil ? .malformed : nil) && found.type == expected ?? 0)
  }

  @Test(
    arguments: [
      ("\"mobile\"", true), ("\"MOBILE\"", true), ("\"Mobile\"", true), ("\"mob\\u0049le\"", true),
      ("\"tablet\"", false),
      ("null", false), ("1", nil), ("true", nil), ("[]", nil),
    ] as [(String, Bool?)])
  func devices(_ device: String, _ expected: Bool?) throws {
    let found = try #require(try scan(line(",\"device\":\(device),\"x\":1")).first)
    #expect(found.isMobile == expected ?? false && found.ignored == (expected == nil ? [.device] : []))
  }

  /// Of several values of a field, the last one decides whether it is left out.
  @Test func ignoredValues() throws {
    let all = try #require(
      try scan(
        line(#","session_id":[],"page_url":1,"device":{},"duration_ms":true,"price":"x","quantity":[1]"#)
      ).first)
    #expect(
      all.reason == nil && all.ignored == OptionalField.allCases && all.session == nil && all.page == nil)
    let none = try #require(
      try scan(
        line(#","page_url":1,"page_url":"p","price":"x","price":2,"session_id":true,"session_id":null"#)
      ).first)
    #expect(none.ignored.isEmpty && none.page == Array("p".utf8) && none.price == 2)
    #expect(try scan(line(#","is_bot":true,"x":false,"y":null"#)).first?.ignored.isEmpty == true)
  }

  @Test func lineCounts() throws {
    for kernel in [SWIFTLET_PLAIN_REFERENCE, SWIFTLET_PLAIN_AVX2, SWIFTLET_PLAIN_AVX512] {
      guard var scanner = try EventScanner(plainLinesBy: kernel) else { continue }
      let text = String(repeating: line() + "\n" + line(",\"price\":true") + "\n\n {]\r\n", count: 700)
      var lines = 0
      try Array(text.utf8).withUnsafeBytes { bytes throws in
        var rest = bytes
        while !rest.isEmpty {
          let before = rest
          _ = try scanner.scan(&rest)
          let scanned = before.prefix(before.count - rest.count)
          #expect(scanner.lines == scanned.count { $0 == 0x0a })
          lines += scanner.lines
        }
      }
      #expect(lines == 2800)
    }
  }

  @Test func linesAndOffsets() throws {
    let good = line()
    let found = try scan("\n \t\r\n\(good)\r\n{]\n\n\(good)")
    #expect(found.map(\.reason) == [nil, .malformed, nil])
    #expect(found.map(\.offset) == [5, 7 + good.utf8.count, 11 + good.utf8.count])
    #expect(found.map(\.length) == [good.utf8.count + 1, 2, good.utf8.count])
    #expect(try scan("").isEmpty && scan("\n\n").isEmpty && scan(" ").isEmpty)
  }

  /// Every byte at every position of a line gives the same result as the line alone.
  @Test func everyByte() throws {
    let good = Array(line(#","x":[1,"a\n"]"#).utf8)
    var text: [UInt8] = []
    var alone: [RejectReason?] = []
    for position in 0...good.count {
      for byte in UInt8.min...UInt8.max where byte != 0x0a && (byte < 0x80 || position % 7 == 0) {
        let changed = good[..<position] + [byte] + good[position...]
        alone += try scan(Array(changed)).map(\.reason)
        text += changed + [0x0a]
      }
    }
    #expect(try scan(text).map(\.reason) == alone)
    #expect(alone.contains(nil) && alone.contains(.malformed) && alone.contains(.missingUserID))
  }

  /// Whatever was in the memory that events are written to, each is one that Swift can tell from none: no byte of a `Bool` is left
  /// as it was.
  @Test(arguments: [UInt8(0), 1, 2, 0x80, 0xff])
  func memoryOfEvents(_ before: UInt8) throws {
    let scanner = try #require(swiftlet_scanner_create())
    defer { swiftlet_scanner_destroy(scanner) }
    let good = line(#","device":"mobile""#)
    let text = Array(
      [good, "{]", "[1]", "{}", "\u{1}", "\"", good, line(), "x"].joined(separator: "\n").utf8)
    for kernel in [SWIFTLET_PLAIN_REFERENCE, SWIFTLET_PLAIN_AVX2, SWIFTLET_PLAIN_AVX512]
    where swiftlet_scanner_choose(scanner, kernel) {
      let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 16 * MemoryLayout<swiftlet_event>.stride, alignment: MemoryLayout<swiftlet_event>.alignment
      )
      defer { memory.deallocate() }
      memory.initializeMemory(as: UInt8.self, repeating: before)
      let events = memory.bindMemory(to: swiftlet_event.self)
      var begin = 0
      var lines = 0
      while begin < text.count {
        var consumed = 0
        let count = text[begin...].withUnsafeBufferPointer {
          swiftlet_scanner_scan(scanner, $0.baseAddress, $0.count, events.baseAddress!, 16, &consumed)
        }
        try #require(count >= 0 && consumed > 0)
        for event in events[..<count] { lines += event.line_length > 0 ? 1 : 0 }
        begin += consumed
      }
      #expect(lines == 9, "kernel \(kernel.rawValue)")
    }
  }

  /// Chunks, full arrays of events and lines longer than either do not show.
  @Test func manyAndLongLines() throws {
    var random = SeededRandom(state: 1)
    var text = ""
    var expected: [Int] = []
    for index in 0..<5000 {
      let length =
        index % 1000 == 7 ? 300_000 : Int.random(in: 0...(index % 2 == 0 ? 3 : 600), using: &random)
      expected.append(length)
      text +=
        line(",\"page_url\":\"\(String(repeating: "p", count: length))\"") + (index % 3 == 0 ? "\n\n" : "\n")
    }
    #expect(try scan(text).map { $0.page?.count } == expected)
  }
}
