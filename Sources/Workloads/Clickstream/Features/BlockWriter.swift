/// Appends the columns of a shuffle block: room is made once a column, not at every value.
struct BlockWriter: ~Copyable {
  private var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 1 << 16) {
    self.capacity = capacity
    start = .allocate(capacity: capacity)
  }

  deinit { start.deallocate() }

  var bytes: [UInt8] { [UInt8](UnsafeBufferPointer(start: start, count: count)) }

  mutating func removeAll() { count = 0 }

  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if capacity - count < more { grow(more) }
  }

  private mutating func grow(_ more: Int) {
    capacity = max(count + more, capacity * 2)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: start, count: count)
    start.deallocate()
    start = larger
  }

  /// LEB128, as in `ByteWriter`.
  mutating func varint(_ value: Int) {
    reserve(10)
    put(UInt64(truncatingIfNeeded: value))
  }

  @inline(__always)
  private mutating func put(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      start[count] = UInt8(truncatingIfNeeded: rest) | 0x80
      count &+= 1
      rest >>= 7
    }
    start[count] = UInt8(truncatingIfNeeded: rest)
    count &+= 1
  }

  /// A varint for each of the items.
  @inline(__always)
  mutating func varints(_ items: UnsafeMutableBufferPointer<UInt32>, _ value: (_ item: Int) -> Int) {
    reserve(items.count * 10)
    for item in items { put(UInt64(truncatingIfNeeded: value(Int(item)))) }
  }

  /// Fixed width, for the items that have a value.
  @inline(__always)
  mutating func doubles(_ items: UnsafeMutableBufferPointer<UInt32>, _ value: (_ item: Int) -> Double?) {
    reserve(items.count * 8)
    for item in items {
      guard let value = value(Int(item)) else { continue }
      UnsafeMutableRawPointer(start + count).storeBytes(of: value.bitPattern.littleEndian, as: UInt64.self)
      count &+= 8
    }
  }

  /// Numbers below `limit`: two bytes each where that is enough, otherwise four.
  mutating func numbers(_ numbers: UnsafeMutableBufferPointer<UInt32>, below limit: Int) {
    reserve(numbers.count * 4)
    let target = UnsafeMutableRawPointer(start + count)
    if limit <= 1 << 16 {
      for (index, number) in numbers.enumerated() {
        target.storeBytes(
          of: UInt16(truncatingIfNeeded: number).littleEndian, toByteOffset: index &* 2, as: UInt16.self)
      }
      count &+= numbers.count &* 2
    } else {
      for (index, number) in numbers.enumerated() {
        target.storeBytes(of: number.littleEndian, toByteOffset: index &* 4, as: UInt32.self)
      }
      count &+= numbers.count &* 4
    }
  }

  @inline(__always)
  mutating func raw(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    ShortCopy.copy(source, to: UnsafeMutableRawPointer(start + count), count: bytes.count)
    count &+= bytes.count
  }
}
