import Basics
import CSimdJSON
import Clickstream
import Engine
import Synchronization
import TestSupport
import Wire

extension FuzzTarget {
  /// Blocks of event lines. All kernels agree. A line gives the same result alone, among others, and wherever the block is cut between
  /// lines. What another parser accepts as JSON is not malformed.
  static let eventLines = FuzzTarget("event-lines") {
    let plain =
      #"{"event_id":"e1","event_type":"page_view","timestamp":1743552001393,"user_id":"u12","session_id":"s1","#
      + #""page_url":"https://shop.example/p/1","device":"mobile","duration_ms":1234,"price":9.99,"quantity":2}"#
    let odd =
      #" {"x":[1,{"user_id":null}],"user\u005fid":"\ud83d\ude00","timestamp":"2025-04-01T00:00:00.5Z","event_type":"click"}"#
    let wrong = [
      "{}", "[1]", "{", "nul", "\"x\"", #"{"event_type":1}"#, "\u{feff}{}", "1e5", "{\"a\":\"\\\"}", " \t\r",
    ]
    return [
      plain, odd, plain + "\n" + odd + "\r\n\n" + plain,
      plain.replacing(",", with: ", ") + "\n" + plain + "\n",
    ]
    .map { Array($0.utf8) } + [
      Array(wrong.joined(separator: "\n").utf8), [0xff, 0x0a, 0x22, 0xc3, 0x28, 0x22],
    ]
  } check: { input in
    let reference = try scan(input, SWIFTLET_PLAIN_REFERENCE) ?? []
    // The fast kernels skip the last lines, because they must not read past the end. A blank line at the end avoids that.
    let padded = input + [0x0a] + [UInt8](repeating: 0x20, count: 200)
    for kernel in [SWIFTLET_PLAIN_AVX2, SWIFTLET_PLAIN_AVX512] {
      for text in [input, padded] {
        guard let found = try scan(text, kernel) else { continue }
        try require(
          found == reference, "kernel \(kernel.rawValue) finds \(found), the reference \(reference)")
      }
    }
    try require(
      try scan(padded, SWIFTLET_PLAIN_REFERENCE) == reference, "a blank line at the end changes lines")
    let lines = input.split(separator: 0x0a, omittingEmptySubsequences: false)
    var alone: [ScannedLine] = []
    var offset = 0
    for line in lines {
      let found = try scan(Array(line), SWIFTLET_PLAIN_REFERENCE, base: offset) ?? []
      try require(found.count <= 1, "\(found.count) events in a line")
      try checkAgainstParser(Array(line), found.first)
      alone += found
      offset += line.count + 1
    }
    try require(alone == reference, "lines alone are \(alone), together \(reference)")
  }

  /// The parser of job files rejects more (duplicate keys, deep nesting, lone surrogates), but never less.
  private static func checkAgainstParser(_ line: [UInt8], _ event: ScannedLine?) throws {
    guard !line.starts(with: [0xef, 0xbb, 0xbf]), let text = String(validating: line, as: UTF8.self),
      let value = try? JSONText.parse(text)
    else { return }
    try require(event != nil && event?.reason != .malformed, "JSON is called malformed")
    guard case .object(let members) = value else {
      return try require(
        event?.reason == .notAnObject, "no object, and called \(String(describing: event?.reason))")
    }
    guard let event, event.reason == nil else { return }
    switch members["user_id"] {
    case .string(let user)?: try require(event.user == Array(user.utf8) && user != "", "another user")
    case .integer(let user)?: try require(event.user == Array("\(user)".utf8), "another user")
    case .number?: break
    default: throw Finding("an event without a user")
    }
    if case .integer(let time)? = members["timestamp"] {
      try require(event.timestamp == time, "another time")
    }
    if case .number(let price)? = members["price"] { try require(event.price == price, "another price") }
    if case .string(let page)? = members["page_url"] {
      try require(event.page == Array(page.utf8), "another page")
    }
  }

  /// - Returns: nil if this CPU does not support the kernel.
  private static func scan(
    _ text: [UInt8], _ kernel: swiftlet_plain_kernel, base: Int = 0
  ) throws -> [ScannedLine]? {
    return try KernelScanner.of(kernel).scan(text, base: base)
  }
}

/// Reuses a scanner, because creating one is expensive. This also checks that scans do not affect each other.
private final class KernelScanner: Sendable {
  private let scanner: Mutex<EventScanner?>

  private init(_ kernel: swiftlet_plain_kernel) { scanner = Mutex(try? EventScanner(plainLinesBy: kernel)) }

  private static let reference = KernelScanner(SWIFTLET_PLAIN_REFERENCE)
  private static let avx2 = KernelScanner(SWIFTLET_PLAIN_AVX2)
  private static let avx512 = KernelScanner(SWIFTLET_PLAIN_AVX512)

  static func of(_ kernel: swiftlet_plain_kernel) -> KernelScanner {
    switch kernel {
    case SWIFTLET_PLAIN_AVX2: avx2
    case SWIFTLET_PLAIN_AVX512: avx512
    default: reference
    }
  }

  /// - Returns: nil if this CPU does not support the kernel.
  func scan(_ text: [UInt8], base: Int) throws -> [ScannedLine]? {
    try scanner.withLock { try $0?.lines(of: text, base: base) }
  }
}
