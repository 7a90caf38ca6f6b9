import Basics
import Foundation
import Testing

@Suite struct JobFileJSONTests {
  static let tricky: [JSONValue] = [
    .null, .bool(true), .integer(.min), .integer(.max), .number(0.1), .number(-1.5e-300), .number(1e22),
    .number(5),
    .string(""), .string("a\"b\\c/\n\r\t\u{8}\u{c}\u{1f}\u{7f} ü 😀 \u{2028}"), .array([]), .object([:]),
    .array([.array([.null]), .object(["": .object(["x": .array([.integer(1), .number(2.5)])])])]),
  ]

  @Test(arguments: tricky) func roundTrip(value: JSONValue) throws {
    #expect(try JSONText.parse(JSONText.compact(value)) == value)
    #expect(try JSONText.parse(JSONText.pretty(value)) == value)
  }

  /// Foundation as a peer: it reads what we write, and we read what it writes.
  @Test(arguments: tricky) func agreesWithFoundation(value: JSONValue) throws {
    func numbersAsDoubles(_ value: JSONValue) -> JSONValue {
      switch value {
      case .integer(let number) where number.magnitude < 1 << 53: .number(Double(number))
      case .array(let items): .array(items.map(numbersAsDoubles))
      case .object(let members): .object(members.mapValues(numbersAsDoubles))
      default: value
      }
    }
    let ours = Data(JSONText.pretty(value).utf8)
    let theirs = try JSONSerialization.jsonObject(with: ours, options: .fragmentsAllowed)
    let text = String(
      decoding: try JSONSerialization.data(withJSONObject: theirs, options: .fragmentsAllowed), as: UTF8.self)
    #expect(numbersAsDoubles(try JSONText.parse(text)) == numbersAsDoubles(value))
  }

  @Test func escapesAndForms() throws {
    #expect(try JSONText.parse(#""\ud83d\ude00\u00fc\/\b""#) == .string("😀ü/\u{8}"))
    #expect(try JSONText.parse("\u{FEFF} [1 , -0, 1E+2]\r\n") == .array([1, 0, .number(100)]))
    #expect(JSONText.compact(["b": [1, 2], "a": .number(.nan)]) == #"{"a":null,"b":[1,2]}"#)
    #expect(
      JSONText.pretty(["b": [1, [2]], "a": [1, 2]])
        == "{\n  \"a\": [1, 2],\n  \"b\": [\n    1,\n    [2]\n  ]\n}")
  }

  @Test(arguments: [
    #""\ud83d""#, #""\ud83dx""#, #""\ude00""#, #""\u12g4""#, "-", "+1", ".5", "1.", "1e", "nul", "\"\u{1}\"",
    "[1 2]",
    "{\"a\":}", "[", "{", "\u{0}", "NaN", "--1", "0x10",
  ])
  func refused(text: String) { #expect(throws: JSONSyntaxError.self) { try JSONText.parse(text) } }

  @Test func deepNestingIsRefusedNotFollowed() throws {
    #expect(throws: JSONSyntaxError.self) { try JSONText.parse(String(repeating: "[", count: 1_000_000)) }
    let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    #expect(throws: Never.self) { try JSONText.parse(deep) }
  }

  /// Every prefix of a document is an error, never a crash.
  @Test func prefixes() throws {
    let text = #"{"a": [1, -2.5e3, "x\u00fc\n"], "b": {"c": true, "d": null}}"#
    for length in 0..<text.utf8.count {
      #expect(throws: JSONSyntaxError.self) {
        try JSONText.parse(String(decoding: text.utf8.prefix(length), as: UTF8.self))
      }
    }
  }
}
