import Columns

/// Appends the columns of a shuffle block. Room is reserved once per column, not per value.
public struct BlockWriter: ~Copyable {
  @usableFromInline var start: UnsafeMutablePointer<UInt8>
  @usableFromInline var capacity: Int
  @usableFromInline var written = 0

  public init(capacity: Int = 1 << 16) {
    self.capacity = capacity
    start = .allocate(capacity: capacity)
  }

  deinit { start.deallocate() }

  public var count: Int { written }

  public var bytes: [UInt8] { [UInt8](UnsafeBufferPointer(start: start, count: written)) }

  public mutating func removeAll() { written = 0 }

  /// Makes room for what the `put` functions append without a check.
  @inlinable @inline(__always)
  public mutating func reserve(_ more: Int) {
    if capacity - written < more { grow(more) }
  }

  @usableFromInline
  mutating func grow(_ more: Int) {
    capacity = max(written + more, capacity * 2)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: start, count: written)
    start.deallocate()
    start = larger
  }

  /// LEB128, as in `ByteWriter`. Takes up to 10 bytes of the reserved room.
  @inlinable @inline(__always)
  public mutating func put(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      start[written] = UInt8(truncatingIfNeeded: rest) | 0x80
      written &+= 1
      rest >>= 7
    }
    start[written] = UInt8(truncatingIfNeeded: rest)
    written &+= 1
  }

  /// Takes one byte of the reserved room.
  @inlinable @inline(__always)
  public mutating func put(byte: UInt8) {
    start[written] = byte
    written &+= 1
  }

  /// Takes 8 bytes of the reserved room.
  @inlinable @inline(__always)
  public mutating func put(_ value: Double) {
    UnsafeMutableRawPointer(start + written).storeBytes(of: value.bitPattern.littleEndian, as: UInt64.self)
    written &+= 8
  }

  @inlinable
  public mutating func varint(_ value: Int) {
    reserve(10)
    put(UInt64(truncatingIfNeeded: value))
  }

  /// One varint for each position.
  @inlinable @inline(__always)
  public mutating func varints(_ positions: Range<Int>, _ value: (_ position: Int) -> Int) {
    reserve(positions.count * 10)
    for position in positions { put(UInt64(truncatingIfNeeded: value(position))) }
  }

  /// One varint for each item.
  @inlinable @inline(__always)
  public mutating func varints(_ items: UnsafeMutableBufferPointer<UInt32>, _ value: (_ item: Int) -> Int) {
    reserve(items.count * 10)
    for item in items { put(UInt64(truncatingIfNeeded: value(Int(item)))) }
  }

  /// The keys with these numbers, without their lengths.
  @inlinable @inline(__always)
  public mutating func keys(_ items: UnsafeMutableBufferPointer<UInt32>, of table: borrowing KeyTable) {
    for item in items {
      reserve(table.length(Int(item)))
      written &+= table.copy(Int(item), to: UnsafeMutableRawPointer(start + written))
    }
  }

  /// Numbers below `limit`, in two bytes each if that is enough, else in four.
  public mutating func numbers(_ numbers: UnsafeMutableBufferPointer<UInt32>, below limit: Int) {
    reserve(numbers.count * 4)
    let target = UnsafeMutableRawPointer(start + written)
    if limit <= 1 << 16 {
      for (index, number) in numbers.enumerated() {
        target.storeBytes(
          of: UInt16(truncatingIfNeeded: number).littleEndian, toByteOffset: index &* 2, as: UInt16.self)
      }
      written &+= numbers.count &* 2
    } else {
      for (index, number) in numbers.enumerated() {
        target.storeBytes(of: number.littleEndian, toByteOffset: index &* 4, as: UInt32.self)
      }
      written &+= numbers.count &* 4
    }
  }

  /// The length of the prefix shared with the former name, the length of the rest, and the rest.
  @inlinable @inline(__always)
  public mutating func name(_ name: UnsafeRawBufferPointer, shared: Int) {
    let rest = name.count &- shared
    reserve(20 &+ max(rest, 8))
    put(UInt64(truncatingIfNeeded: shared))
    put(UInt64(truncatingIfNeeded: rest))
    guard let source = name.baseAddress else { return }
    let target = UnsafeMutableRawPointer(start + written)
    if rest <= 8, name.count >= 8 {
      // Usually a few bytes: the end of the last word. Bytes stored beyond them are overwritten later.
      let last = source.loadUnaligned(fromByteOffset: name.count &- 8, as: UInt64.self).littleEndian
      target.storeBytes(
        of: (last &>> UInt64(truncatingIfNeeded: 64 &- 8 &* rest)).littleEndian, as: UInt64.self)
    } else {
      ShortCopy.copy(source + shared, to: target, count: rest)
    }
    written &+= rest
  }

  @inlinable
  public mutating func raw(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    reserve(bytes.count)
    ShortCopy.copy(source, to: UnsafeMutableRawPointer(start + written), count: bytes.count)
    written &+= bytes.count
  }
}
