import CRE2
import Synchronization

/// A compiled pattern in RE2's syntax. Searches are safe from several threads at once, as RE2's are.
final class RegularExpression: @unchecked Sendable {
  struct Options: Hashable, Sendable {
    var ignoresCase = false
    /// `^` and `$` match at lines, `.` does not match a newline.
    var isMultiline = false
    /// Replaces or finds all matches instead of the first.
    var isGlobal = false

    init() {}

    /// PostgreSQL's letters: `g`, `i`, `c`, `n` or `m`, `s`.
    init(_ flags: String) throws {
      for flag in flags {
        switch flag {
        case "g": isGlobal = true
        case "i": ignoresCase = true
        case "c": ignoresCase = false
        case "n", "m": isMultiline = true
        case "s": isMultiline = false
        default:
          throw QueryError("'\(flag)' is not an option of regular expressions; there are g, i, c, n, m and s")
        }
      }
    }
  }

  private let handle: OpaquePointer
  /// The number of capturing groups.
  let groups: Int

  private init(_ handle: OpaquePointer) {
    self.handle = handle
    groups = Int(swiftlet_regex_groups(handle))
  }

  deinit { swiftlet_regex_free(handle) }

  private struct Key: Hashable {
    let pattern: String
    let ignoresCase: Bool
    let isMultiline: Bool
  }

  /// Compiling takes longer than a search; a query has few patterns.
  private static let compiled = Mutex<[Key: RegularExpression]>([:])

  /// - Throws: ``QueryError`` for a pattern that RE2 does not accept.
  static func compile(_ pattern: String, _ options: Options = Options()) throws -> RegularExpression {
    let key = Key(pattern: pattern, ignoresCase: options.ignoresCase, isMultiline: options.isMultiline)
    if let known = compiled.withLock({ $0[key] }) { return known }
    var pattern = pattern
    let handle = pattern.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        swiftlet_regex_new(
          $0.baseAddress, $0.count, !options.ignoresCase, !options.isMultiline, options.isMultiline)
      }
    }
    guard let handle else { throw QueryError("no memory for a regular expression") }
    let regex = RegularExpression(handle)
    if let reason = swiftlet_regex_error(handle) {
      throw QueryError("'\(pattern)' is not a regular expression in RE2's syntax: \(String(cString: reason))")
    }
    compiled.withLock { known in
      // Patterns may come from data.
      if known.count >= 1000 { known = [:] }
      known[key] = regex
    }
    return regex
  }

  func matches(_ text: UnsafeRawBufferPointer, anchored: Bool = false) -> Bool {
    swiftlet_regex_search(
      handle, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, 0, anchored, nil, 0)
  }

  /// The leftmost match from `start` on: the whole match, then the groups; nil for a group that took no part.
  func search(_ text: UnsafeRawBufferPointer, from start: Int) -> [Range<Int>?]? {
    var bounds = [Int64](repeating: -1, count: 2 * (groups + 1))
    let isFound = swiftlet_regex_search(
      handle, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count, start, false, &bounds,
      Int32(groups + 1))
    guard isFound else { return nil }
    return (0...groups).map { bounds[2 * $0] < 0 ? nil : Int(bounds[2 * $0])..<Int(bounds[2 * $0 + 1]) }
  }

  /// Calls `body` with each match from left to right, until it returns false.
  func eachMatch(_ text: UnsafeRawBufferPointer, _ body: ([Range<Int>?], Range<Int>) throws -> Bool) rethrows
  {
    var start = 0
    while start <= text.count, let groups = search(text, from: start), let whole = groups[0] {
      guard try body(groups, whole) else { return }
      start = whole.upperBound
      if whole.isEmpty {
        start += 1
        while start < text.count, text[start] & 0xc0 == 0x80 { start += 1 }
      }
    }
  }
}
