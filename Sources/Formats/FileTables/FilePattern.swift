import Basics

/// A path with wildcards, segment by segment: `*` and `?` within a segment, `[a-z]`, `[!a-z]`, and `**` for any number of folders.
struct FilePattern: Sendable {
  /// Without empty segments.
  let segments: [String]
  /// How many segments at the front have no wildcard.
  let literals: Int

  init(_ path: String) {
    segments = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    literals = segments.firstIndex(where: FilePattern.isPattern) ?? segments.count
  }

  /// Whether the text holds a wildcard.
  static func isPattern(_ text: String) -> Bool {
    text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
  }

  var isRecursive: Bool { segments.contains("**") }

  /// Whether the path, or a folder above it, matches. Hidden names match only segments that begin with the same character.
  func matches(_ path: [String]) -> Bool { matches(path[...], segments[...]) }

  private func matches(_ path: ArraySlice<String>, _ pattern: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return path.allSatisfy { !FilePattern.isHidden($0) } }
    if first == "**" {
      if matches(path, pattern.dropFirst()) { return true }
      guard let name = path.first, !FilePattern.isHidden(name) else { return false }
      return matches(path.dropFirst(), pattern)
    }
    guard let name = path.first, FilePattern.matches(name, first) else { return false }
    return matches(path.dropFirst(), pattern.dropFirst())
  }

  static func isHidden(_ name: String) -> Bool {
    name.utf8.first == UInt8(ascii: "_") || name.utf8.first == UInt8(ascii: ".")
  }

  /// Whether one segment matches, compared by Unicode scalars.
  static func matches(_ name: String, _ pattern: String) -> Bool {
    if isHidden(name), name.utf8.first != pattern.utf8.first { return false }
    let name = Array(name.unicodeScalars)
    let pattern = Array(pattern.unicodeScalars)
    var position = 0
    var next = 0
    // Where to go on after the latest star, if it takes one scalar more.
    var retry: (position: Int, next: Int)?
    while position < name.count {
      if next < pattern.count, pattern[next] == "*" {
        retry = (position, next + 1)
        next += 1
      } else if next < pattern.count, let after = one(name[position], pattern, next) {
        position += 1
        next = after
      } else if let (from, after) = retry {
        retry = (from + 1, after)
        position = from + 1
        next = after
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == "*" }
  }

  /// The index after the element of the pattern at `index`; nil if it does not match the scalar.
  private static func one(_ scalar: Unicode.Scalar, _ pattern: [Unicode.Scalar], _ index: Int) -> Int? {
    if pattern[index] == "?" { return index + 1 }
    guard pattern[index] == "[", let (set, after) = set(pattern, index) else {
      return pattern[index] == scalar ? index + 1 : nil
    }
    return set.contains { $0.contains(scalar) } != (pattern[index + 1] == "!" || pattern[index + 1] == "^")
      ? after : nil
  }

  /// The ranges of `[…]` at `index`; nil without a closing bracket: then the bracket means itself.
  private static func set(_ pattern: [Unicode.Scalar], _ index: Int) -> (
    [ClosedRange<Unicode.Scalar>], after: Int
  )? {
    var next = index + 1
    if next < pattern.count, pattern[next] == "!" || pattern[next] == "^" { next += 1 }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    let first = next
    while next < pattern.count, pattern[next] != "]" || next == first {
      if next + 2 < pattern.count, pattern[next + 1] == "-", pattern[next + 2] != "]" {
        if pattern[next] <= pattern[next + 2] { ranges.append(pattern[next]...pattern[next + 2]) }
        next += 3
      } else {
        ranges.append(pattern[next]...pattern[next])
        next += 1
      }
    }
    return next < pattern.count ? (ranges, next + 1) : nil
  }
}
