import Basics
import Engine
import Foundation
import Swiftlet
import Testing

private struct Sub: Record, Equatable {
  var x: Int
  var y: [Double]?
}

private struct Wide: Record, Equatable {
  var a: String
  var b: Int?
  var c: Double?
  var d: Bool?
  var e: Sub?
  var f: [String]?
}

/// The scanner of our own against Foundation's, on lines that are right, odd and wrong.
@Suite struct JSONLineTests {
  private static let right = [
    #"{"a":"x"}"#, #" { "a" : "x" , "b" : 5 , "c" : -0.5e-3 } "#,
    #"{"b":5.0,"a":"\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\"}"#,
    #"{"a":"x","e":{"x":1,"y":[1,2.5,-3e2]},"f":["","é"]}"#, #"{"a":"x","b":null,"d":true,"e":null,"f":[]}"#,
    #"{"z":{"deep":[[[{"a":1}]]]},"a":"x","q":[true,false,null]}"#, #"{"\u0061":"escaped name"}"#,
    #"{"a":"","b":9223372036854775807,"c":1e308}"#, #"{"a":"x","b":-9223372036854775808}"#,
    #"{"a":"x","c":18446744073709551615}"#,
  ]

  private static let wrong = [
    "", "{", "}", "{}", "[]", "null", "1", #"{"a"}"#, #"{"a":}"#, #"{"a":"x",}"#, #"{"a":"x"}}"#,
    #"{"a":"x" "b":1}"#,
    #"{a:"x"}"#, #"{"a":'x'}"#, #"{"a":"x"#, #"{"a":"\"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#,
    #"{"a":"\ud800"}"#,
    #"{"a":"\ud800\u0041"}"#, "{\"a\":\"tab\there\"}", #"{"a":"x","b":01}"#, #"{"a":"x","b":+1}"#,
    #"{"a":"x","b":1.}"#,
    #"{"a":"x","b":.5}"#, #"{"a":"x","b":1e}"#, #"{"a":"x","b":9223372036854775808}"#, #"{"a":"x","b":1.5}"#,
    #"{"a":"x","b":"1"}"#, #"{"a":"x","c":1e999}"#, #"{"a":"x","d":1}"#, #"{"a":"x","d":tru}"#, #"{"a":1}"#,
    #"{"a":null}"#, #"{"a":"x","e":[]}"#, #"{"a":"x","e":{"y":[]}}"#, #"{"a":"x","f":[1]}"#,
    #"{"a":"x","f":["x",]}"#,
    #"{"a":"x","z":[1,2}"#, #"{"a":"x","z":nul}"#, String(repeating: "[", count: 100_000),
    "{\"a\":\"x\",\"z\":" + String(repeating: "[", count: 100_000),
  ]

  @Test(arguments: right) func decodes(line: String) throws {
    let expected = try JSONDecoder().decode(Wide.self, from: Data(line.utf8))
    #expect(try JSONLine.decode(Wide.self, from: line) == expected)
  }

  @Test(arguments: wrong) func refuses(line: String) throws {
    #expect(throws: RecordError.self) { try JSONLine.decode(Wide.self, from: line) }
  }

  @Test func lastOfEqualNamesCounts() throws {
    #expect(try JSONLine.decode(Wide.self, from: #"{"a":"x","a":"y"}"#).a == "y")
  }

  private struct Moment: Record {
    var at: Date
  }

  /// Milliseconds come back as they went in, near 1970 too, where a `Date` cannot hold them exactly.
  @Test(
    arguments: [
      0, 7, -7, 1001, 500_000_000_001, 1_743_465_600_125, -2_208_988_799_999,
      253_402_300_798_000,
    ] as [Int64])
  func timesSurvive(milliseconds: Int64) throws {
    for time in milliseconds..<milliseconds + 1000 {
      let moment = try JSONLine.decode(Moment.self, from: "{\"at\":\(time)}")
      let line = String(decoding: try JSONLine.encode(moment), as: UTF8.self)
      let again = try JSONLine.decode(Moment.self, from: line)
      #expect(again.at == moment.at, "\(line)")
    }
  }

  /// Many single changes and every cut: both agree, but for commas before a closing bracket, which Foundation lets pass.
  @Test func agreesOnChangedLines() throws {
    for line in JSONLineTests.right {
      let bytes = Array(line.trimmingCharacters(in: .whitespaces).utf8)
      for index in bytes.indices {
        for byte in Array("{}[]\",:\\7 ".utf8) {
          var changed = bytes
          changed[index] = byte
          let text = String(decoding: changed, as: UTF8.self)
          let ours = try? JSONLine.decode(Wide.self, from: text)
          let theirs = try? JSONDecoder().decode(Wide.self, from: Data(text.utf8))
          if text.firstMatch(of: /,\s*[}\]]/) == nil { #expect(ours == theirs, "\(text)") }
        }
        #expect(throws: RecordError.self) {
          try JSONLine.decode(Wide.self, from: String(decoding: bytes[..<index], as: UTF8.self))
        }
      }
    }
  }
}
