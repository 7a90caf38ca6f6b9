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

  /// A varint for each of the places.
  @inline(__always)
  mutating func varints(_ places: Range<Int>, _ value: (_ place: Int) -> Int) {
    reserve(places.count * 10)
    for place in places { put(UInt64(truncatingIfNeeded: value(place))) }
  }

  /// A varint for each of the items.
  @inline(__always)
  mutating func varints(_ items: UnsafeMutableBufferPointer<UInt32>, _ value: (_ item: Int) -> Int) {
    reserve(items.count * 10)
    for item in items { put(UInt64(truncatingIfNeeded: value(Int(item)))) }
  }

  /// Fixed width.
  @inline(__always)
  private mutating func put(_ value: Double) {
    UnsafeMutableRawPointer(start + count).storeBytes(of: value.bitPattern.littleEndian, as: UInt64.self)
    count &+= 8
  }

  /// The sums of a user: counts, what is summed where there is something, first event since `origin` and last since the first,
  /// then days as two halves of their bits, where they are bits.
  @inline(__always)
  mutating func row(_ row: UnsafePointer<UserRow>, since origin: Int64, daysAreBits: Bool) {
    reserve((UserCount.number + 4) * 10 + 16)
    if row.pointee.countsBelow128 {
      for number in 0..<UserCount.number {
        start[count &+ number] = UInt8(truncatingIfNeeded: row.pointee[number])
      }
      count &+= UserCount.number
    } else {
      for number in 0..<UserCount.number { put(UInt64(bitPattern: row.pointee[number])) }
    }
    if row.pointee[.purchases] != 0 { put(row.pointee.revenue) }
    if row.pointee[.dwells] != 0 { put(row.pointee.dwell) }
    put(UInt64(bitPattern: row.pointee.first &- origin))
    put(UInt64(bitPattern: row.pointee.last &- row.pointee.first))
    if daysAreBits {
      // Without the first bits, which are zeros: mostly a small number. The last bit would be a sign, so it is one of two halves.
      put(row.pointee.days & 0xffff_ffff)
      put(row.pointee.days >> 32)
    }
  }

  /// The strings of a table, one after the other.
  @inline(__always)
  mutating func strings(_ items: UnsafeMutableBufferPointer<UInt32>, of table: borrowing StringTable) {
    for item in items {
      reserve(table.length(Int(item)))
      count &+= table.copy(Int(item), to: UnsafeMutableRawPointer(start + count))
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

  /// What a name has behind its first `shared` bytes, and before that both lengths.
  @inline(__always)
  mutating func name(_ name: UnsafeRawBufferPointer, shared: Int) {
    let rest = name.count &- shared
    reserve(20 &+ max(rest, 8))
    put(UInt64(truncatingIfNeeded: shared))
    put(UInt64(truncatingIfNeeded: rest))
    guard let source = name.baseAddress else { return }
    let target = UnsafeMutableRawPointer(start + count)
    if rest <= 8, name.count >= 8 {
      // Mostly a few bytes: the end of the last word, and what is stored behind them is written over.
      let last = source.loadUnaligned(fromByteOffset: name.count &- 8, as: UInt64.self).littleEndian
      target.storeBytes(
        of: (last &>> UInt64(truncatingIfNeeded: 64 &- 8 &* rest)).littleEndian, as: UInt64.self)
    } else {
      ShortCopy.copy(source + shared, to: target, count: rest)
    }
    count &+= rest
  }

  @inline(__always)
  mutating func raw(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    ShortCopy.copy(source, to: UnsafeMutableRawPointer(start + count), count: bytes.count)
    count &+= bytes.count
  }
}
