import Glibc

/// Payloads of messages as lines, one after another in memory that is reused, for the event scanner. A message is one line: line
/// ends between JSON tokens become spaces. Inside of a string a raw LF or CR is malformed, as a raw TAB is: it becomes a byte that no
/// text has, so that the scanner rejects the message.
package struct MessageLines: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer = .allocate(byteCount: 1 << 20, alignment: 64)
  private var used = 0
  /// Where each line starts, and its offset in the partition.
  package private(set) var starts: [Int] = []
  package private(set) var offsets: [Int64] = []

  package init() {}

  deinit { memory.deallocate() }

  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<used]) }
  package var isEmpty: Bool { starts.isEmpty }

  package mutating func removeAll() {
    used = 0
    starts.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
  }

  package mutating func append(_ payload: UnsafeRawBufferPointer, offset: Int64) {
    if memory.count - used <= payload.count { grow(payload.count + 1) }
    starts.append(used)
    offsets.append(offset)
    var payload = payload
    if payload.starts(with: MessageLines.byteOrderMark) {
      payload = UnsafeRawBufferPointer(rebasing: payload[3...])
    }
    let line = UnsafeMutableRawBufferPointer(rebasing: memory[used..<used + payload.count])
    line.copyMemory(from: payload)
    if MessageLines.contains(0x0a, line) || MessageLines.contains(0x0d, line) { MessageLines.join(line) }
    memory[used + payload.count] = 0x0a
    used += payload.count + 1
  }

  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
  /// Stand-ins for LF and CR within a string; not part of any UTF-8 text.
  private static let (lineFeed, carriageReturn) = (0xfe as UInt8, 0xff as UInt8)

  /// The byte of the message, given a byte of its line.
  package static func original(_ byte: UInt8) -> UInt8 {
    switch byte {
    case lineFeed: 0x0a
    case carriageReturn: 0x0d
    default: byte
    }
  }

  private static func contains(_ byte: Int32, _ line: UnsafeMutableRawBufferPointer) -> Bool {
    guard let start = line.baseAddress else { return false }
    return memchr(start, byte, line.count) != nil
  }

  /// Removes the line ends of a message.
  private static func join(_ line: UnsafeMutableRawBufferPointer) {
    var isInString = false
    var isEscaped = false
    for index in line.indices {
      let byte = line[index]
      switch byte {
      case 0x0a: line[index] = isInString ? lineFeed : 0x20
      case 0x0d: line[index] = isInString ? carriageReturn : 0x20
      case UInt8(ascii: "\"") where !isEscaped: isInString.toggle()
      default: break
      }
      isEscaped = isInString && byte == UInt8(ascii: "\\") && !isEscaped
    }
  }

  private mutating func grow(_ more: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(memory.count * 2, used + more), alignment: 64)
    larger.copyMemory(from: bytes)
    memory.deallocate()
    memory = larger
  }
}
