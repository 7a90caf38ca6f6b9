import Glibc

/// Payloads of messages as lines, one after the other in memory that is used again: what the event scanner reads. A message is one
/// line: line ends inside, which JSON has between its tokens only, become spaces.
struct MessageLines: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer = .allocate(byteCount: 1 << 20, alignment: 64)
  private var used = 0
  /// Where each line begins, and its offset in the partition.
  private(set) var starts: [Int] = []
  private(set) var offsets: [Int64] = []

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<used]) }
  var isEmpty: Bool { starts.isEmpty }

  mutating func removeAll() {
    used = 0
    starts.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
  }

  mutating func append(_ payload: UnsafeRawBufferPointer, offset: Int64) {
    if memory.count - used <= payload.count { grow(payload.count + 1) }
    starts.append(used)
    offsets.append(offset)
    let line = UnsafeMutableRawBufferPointer(rebasing: memory[used..<used + payload.count])
    line.copyMemory(from: payload)
    MessageLines.replace(0x0a, in: line)
    MessageLines.replace(0x0d, in: line)
    memory[used + payload.count] = 0x0a
    used += payload.count + 1
  }

  private static func replace(_ byte: Int32, in line: UnsafeMutableRawBufferPointer) {
    guard var at = line.baseAddress else { return }
    let end = at + line.count
    while let found = memchr(at, byte, end - at) {
      found.storeBytes(of: 0x20, as: UInt8.self)
      at = found + 1
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
