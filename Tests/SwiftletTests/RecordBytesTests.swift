import Foundation
import Swiftlet
import Testing

private enum Colour: String, Codable, CaseIterable { case red, green }

private struct Inner: Record, Equatable {
  var name: String
  var tags: [String?]
}

private struct Everything: Record, Equatable {
  var flag = true
  var small: Int8 = -3
  var int = 5
  var unsigned: UInt64 = .max
  var float: Float = 1.5
  var double = -2.25
  var text = "a\0b\0"
  var missing: Int?
  var there: String? = ""
  var colour = Colour.green
  var date = Date(timeIntervalSince1970: 1_743_465_600.125)
  var data = Data([0, 255, 0, 0])
  var uuid = UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F")
  var inner = [Inner(name: "é", tags: ["x", nil, ""]), Inner(name: "", tags: [])]
}

@Suite struct RecordBytesTests {
  private func roundTrip<T: Record & Equatable>(_ value: T) throws {
    #expect(try RecordBytes.decode(T.self, from: RecordBytes.encode(value)) == value)
  }

  @Test func comesBack() throws {
    try roundTrip(Everything())
    try roundTrip([Everything(), Everything(flag: false, missing: 7, there: nil)])
    try roundTrip(String?.none)
    try roundTrip([[1, 2], [], [3]])
    try roundTrip(Keyed(key: String?.none, value: 3))
    try roundTrip(Joined(left: "l", right: Inner?.none))
  }

  private func expectOrder<T: Record>(_ values: [T]) throws {
    let forms = try values.map { try RecordBytes.encode($0) }
    for (first, second) in zip(forms, forms.dropFirst()) {
      #expect(first.lexicographicallyPrecedes(second), "\(first) \(second)")
    }
  }

  private struct Pair: Record {
    var a: String
    var b: Int?
  }

  @Test func keepsOrder() throws {
    try expectOrder([Int.min, -256, -1, 0, 1, 255, 256, Int.max])
    try expectOrder([UInt8.min, 1, 127, 128, 255])
    try expectOrder([
      -Double.infinity, -1e300, -1, -1e-300, 0, .leastNonzeroMagnitude, 0.5, 1, 1e300, .infinity,
    ])
    try expectOrder([Float(-2), -1, 0, 1])
    try expectOrder(["", "\0", "\0a", "\u{1}", "a", "a\0", "a\u{1}", "aa", "b", "z", "é", "日"])
    try expectOrder([nil, "", "a"] as [String?])
    try expectOrder([[], [1], [1, 1], [2]])
    try expectOrder([false, true])
    try expectOrder([
      Pair(a: "", b: 9), Pair(a: "a", b: nil), Pair(a: "a", b: -1), Pair(a: "a", b: 1), Pair(a: "ab", b: nil),
    ])
  }

  private enum Shape: Codable {
    case circle(Double)
    case point
  }

  private struct NilByHand: Codable {
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encodeNil(forKey: .a)
    }
    init() {}
    init(from decoder: any Decoder) throws {}
    enum Key: CodingKey { case a }
  }

  @Test func refusesWhatHasNoOrder() {
    #expect(throws: RecordError.self) { try RecordBytes.encode(["a": 1]) }
    #expect(throws: RecordError.self) { try RecordBytes.encode(Set([1])) }
    #expect(throws: RecordError.self) { try RecordBytes.encode(Shape.circle(1)) }
    #expect(throws: RecordError.self) { try RecordBytes.encode(Shape.point) }
    #expect(throws: RecordError.self) { try RecordBytes.encode(NilByHand()) }
    #expect(throws: RecordError.self) { try RecordBytes.encode(ContiguousArray([1])) }
    #expect(throws: RecordError.self) { try RecordBytes.decode(Shape.self, from: [0]) }
    #expect(throws: RecordError.self) { try RecordBytes.decode([String: Int].self, from: [0]) }
  }

  /// Every cut, and every byte changed, is an error or another value, never a crash.
  @Test func surviveBrokenBytes() throws {
    let bytes = try RecordBytes.encode(Everything())
    for end in 0..<bytes.count {
      #expect(throws: RecordError.self) {
        try RecordBytes.decode(Everything.self, from: Array(bytes[..<end]))
      }
    }
    #expect(throws: RecordError.self) { try RecordBytes.decode(Everything.self, from: bytes + [0]) }
    for index in bytes.indices {
      for change in [UInt8(1), 0x80, 0xff] {
        var broken = bytes
        broken[index] ^= change
        _ = try? RecordBytes.decode(Everything.self, from: broken)
      }
    }
  }

  private final class Deep: Codable, Sendable {
    let inner: Deep?
    init(_ inner: Deep?) { self.inner = inner }
  }

  @Test func refusesDeepNesting() throws {
    #expect(throws: RecordError.self) {
      try RecordBytes.decode(Deep.self, from: [UInt8](repeating: 1, count: 1_000_000))
    }
  }
}
