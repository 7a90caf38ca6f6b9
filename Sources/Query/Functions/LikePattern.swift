import CLinux
import Columns

/// A pattern of LIKE: parts between `%`, each of bytes and of `_`, which stands for one character.
struct LikePattern {
  private struct Part {
    var bytes: [UInt8] = []
    /// Positions in `bytes` at which `_` stands; the byte there is 0.
    var wildcards: Set<Int> = []
  }

  /// `a%b` has the parts a and b; there is at least one.
  private var parts: [Part] = [Part()]

  /// - Parameter escape: Takes the meaning from the character after it; nil for none.
  /// - Throws: ``QueryError`` for a pattern that ends with the escape character.
  init(_ pattern: UnsafeRawBufferPointer, escape: UInt8? = UInt8(ascii: "\\")) throws {
    var index = 0
    while index < pattern.count {
      let byte = pattern[index]
      if byte == escape {
        index += 1
        guard index < pattern.count else {
          throw QueryError("a LIKE pattern must not end with the escape character")
        }
        parts[parts.count - 1].bytes.append(pattern[index])
      } else if byte == UInt8(ascii: "%") {
        parts.append(Part())
      } else if byte == UInt8(ascii: "_") {
        parts[parts.count - 1].wildcards.insert(parts[parts.count - 1].bytes.count)
        parts[parts.count - 1].bytes.append(0)
      } else {
        parts[parts.count - 1].bytes.append(byte)
      }
      index += 1
    }
    // Several % in a row are one.
    if parts.count > 2 {
      let inner = parts[1..<(parts.count - 1)].filter { !$0.bytes.isEmpty }
      parts = [parts[0]] + inner + [parts[parts.count - 1]]
    }
  }

  func matches(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let first = match(parts[0], text, at: 0) else { return false }
    if parts.count == 1 { return first == text.count }
    var position = first
    for part in parts[1..<(parts.count - 1)] {
      guard let end = find(part, text, from: position) else { return false }
      position = end
    }
    let last = parts[parts.count - 1]
    if last.wildcards.isEmpty {
      let start = text.count - last.bytes.count
      return start >= position && match(last, text, at: start) == text.count
    }
    return (position...text.count).contains { start in
      LikePattern.isCharacterStart(text, start) && match(last, text, at: start) == text.count
    }
  }

  private static func isCharacterStart(_ text: UnsafeRawBufferPointer, _ position: Int) -> Bool {
    position >= text.count || text[position] & 0xc0 != 0x80
  }

  /// - Returns: The end of the match.
  @inline(__always)
  private func match(_ part: Part, _ text: UnsafeRawBufferPointer, at start: Int) -> Int? {
    if part.wildcards.isEmpty {
      guard start + part.bytes.count <= text.count else { return nil }
      let isEqual = part.bytes.withUnsafeBytes {
        ByteText.isEqual($0, UnsafeRawBufferPointer(rebasing: text[start..<(start + part.bytes.count)]))
      }
      return isEqual ? start + part.bytes.count : nil
    }
    var position = start
    for (index, byte) in part.bytes.enumerated() {
      guard position < text.count else { return nil }
      if part.wildcards.contains(index) {
        position += 1
        while position < text.count, text[position] & 0xc0 == 0x80 { position += 1 }
      } else {
        guard text[position] == byte else { return nil }
        position += 1
      }
    }
    return position
  }

  /// The end of the leftmost match.
  private func find(_ part: Part, _ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard part.wildcards.isEmpty else {
      for position in start...text.count where LikePattern.isCharacterStart(text, position) {
        if let end = match(part, text, at: position) { return end }
      }
      return nil
    }
    guard let base = text.baseAddress, start <= text.count else { return part.bytes.isEmpty ? start : nil }
    let found = part.bytes.withUnsafeBytes { bytes in
      bytes.baseAddress.flatMap { memmem(base + start, text.count - start, $0, bytes.count) }
    }
    return found.map { UnsafeRawPointer($0) - base + part.bytes.count }
  }
}
