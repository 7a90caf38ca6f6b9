// The start of a line of any bytes, for people.

package enum Excerpt {
  /// The length of the longest start of a line that has at most `limit` bytes, leaves out the line end, and does not end inside
  /// a UTF-8 character.
  package static func length(of line: some RandomAccessCollection<UInt8>, atMost limit: Int) -> Int {
    let length = lengthWithoutEnd(line)
    guard length > limit else { return length }
    // A continuation byte belongs to the character before it; a character has at most three.
    return (max(0, limit - 3)...limit).last { byte(line, $0) & 0xc0 != 0x80 } ?? limit
  }

  /// The start of the line as text, with `…` if it is cut. Bytes that are not UTF-8 become U+FFFD.
  package static func text(_ line: some RandomAccessCollection<UInt8>, atMost limit: Int) -> String {
    String(decoding: line.prefix(length(of: line, atMost: limit)), as: UTF8.self)
      + (lengthWithoutEnd(line) > limit ? " …" : "")
  }

  private static func lengthWithoutEnd(_ line: some RandomAccessCollection<UInt8>) -> Int {
    var end = line.count
    if end > 0, byte(line, end - 1) == UInt8(ascii: "\n") { end -= 1 }
    if end > 0, byte(line, end - 1) == UInt8(ascii: "\r") { end -= 1 }
    return end
  }

  private static func byte(_ line: some RandomAccessCollection<UInt8>, _ offset: Int) -> UInt8 {
    line[line.index(line.startIndex, offsetBy: offset)]
  }
}
