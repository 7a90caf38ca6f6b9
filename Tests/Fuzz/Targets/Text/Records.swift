import Foundation
import Swiftlet

/// A record with every kind of field.
struct Everything: Record {
  enum Colour: String, Codable { case red, green }
  struct Inner: Record {
    var name: String
    var tags: [String?]
    var deeper: [Inner]?
  }

  var flag = true
  var small: Int8? = -3
  var int = 5
  var unsigned: UInt64 = .max
  var float: Float? = 1.5
  var double = -2.25
  var text = "a\0b \"é\\"
  var there: String? = ""
  var colour: Colour? = .green
  var date: Date? = Date(timeIntervalSince1970: 1_743_465_600.125)
  var data: Data? = Data([0, 255, 0, 0])
  var inner: [Inner] = [Inner(name: "é", tags: ["x", nil, ""], deeper: []), Inner(name: "", tags: [])]
}

extension FuzzTarget {
  /// The binary form of records and their order. The input has two records, after the length of the first.
  static let records = FuzzTarget("records") {
    let one = try RecordBytes.encode(Everything())
    let other = try RecordBytes.encode(Everything(flag: false, small: nil, date: nil, inner: []))
    return [[UInt8(one.count & 0xff), UInt8(one.count >> 8)] + one + other]
  } check: { input in
    var script = Script(input)
    for form in [script.take(script.uint16()), script.all()] {
      guard let record = try unless(RecordError.self, { try RecordBytes.decode(Everything.self, from: form) })
      else {
        continue
      }
      // Each value has exactly one form.
      try require(try RecordBytes.encode(record) == form, "a record has two forms")
    }
  }

  /// JSON Lines as read by pipelines.
  static let jsonLines = FuzzTarget("json-lines") {
    let line = try JSONLine.encode(Everything())
    let odd =
      #" { "flag":false,"int":5.0,"unsigned":0,"double":1e3,"text":"\ud83d\ude00","inner":[{"name":"","tags":[]}] } "#
    let times = #"{"flag":true,"int":1,"unsigned":1,"double":0,"text":"","date":1743465600125,"inner":[]}"#
    let named =
      #"{"flag":true,"int":1,"unsigned":1,"double":0,"te\u0078t":"","date":"2025-04-01T10:00","x":{},"inner":[]}"#
    return [line] + [odd, times, named].map { Array($0.utf8) }
  } check: { input in
    guard let text = String(validating: input, as: UTF8.self) else { return }
    guard let record = try unless(RecordError.self, { try JSONLine.decode(Everything.self, from: text) })
    else {
      return
    }
    guard let written = try unless(RecordError.self, { try JSONLine.encode(record) }) else { return }
    let again = try JSONLine.decode(Everything.self, from: String(decoding: written, as: UTF8.self))
    try require(
      try RecordBytes.encode(again) == RecordBytes.encode(record),
      "a record is another one after it was written")
    try require(try JSONLine.encode(again) == written, "one record has two lines")
  }
}
