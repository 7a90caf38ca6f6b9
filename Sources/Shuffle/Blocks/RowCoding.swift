import Wire

/// Rows in blocks: a key and a value each, both preceded by their length.
public enum RowCoding {
  public static func put(_ part: UnsafeRawBufferPointer, to contents: inout [UInt8]) {
    var rest = UInt64(part.count)
    while rest >= 0x80 {
      contents.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    contents.append(UInt8(truncatingIfNeeded: rest))
    contents.append(contentsOf: part)
  }

  /// Calls `body` with the positions of each row's key and value.
  public static func forEachRow(
    _ contents: UnsafeRawBufferPointer, _ body: (_ key: Range<Int>, _ value: Range<Int>) throws -> Void
  ) throws {
    var position = 0
    func part() throws -> Range<Int> {
      var length: UInt64 = 0
      var shift: UInt64 = 0
      while true {
        guard position < contents.count, shift < 63 else { throw truncated }
        let byte = contents[position]
        position += 1
        length |= UInt64(byte & 0x7f) << shift
        if byte < 0x80 { break }
        shift += 7
      }
      guard length <= UInt64(contents.count - position) else { throw truncated }
      defer { position += Int(length) }
      return position..<position + Int(length)
    }
    while position < contents.count { try body(part(), part()) }
  }

  /// Position of the note, if the contents are one; see ``RowWriter/finish(note:)``.
  public static func note(_ contents: [UInt8]) throws -> Range<Int>? {
    guard contents.first == 0 else { return nil }
    var found: Range<Int>?
    try contents.withUnsafeBytes { try forEachRow($0) { _, value in found = value } }
    return found
  }

  private static var truncated: TaskFailure { .transient("a shuffle block ends in the middle of a row") }
}
