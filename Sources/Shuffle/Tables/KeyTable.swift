import CKernels
import Columns
import Wire

/// The hash table under every aggregation and join: numbers byte keys in order of first appearance. Open addressing over flat
/// memory. A key may have an owner, a number chosen by the caller: the same session name of two users is two keys.
public struct KeyTable: ~Copyable {
  /// Enough of a key's hash to skip most other keys without touching them.
  @usableFromInline struct Slot: BitwiseCopyable {
    /// Index of the key plus one; 0 for a free slot.
    @usableFromInline var entry: UInt32
    /// Upper half of the hash.
    @usableFromInline var tag: UInt32

    @inlinable init(entry: UInt32, tag: UInt32) {
      self.entry = entry
      self.tag = tag
    }
  }

  /// Half a cache line. Holds a key of up to 16 bytes.
  @usableFromInline struct Entry: BitwiseCopyable {
    @usableFromInline var low: UInt64
    @usableFromInline var high: UInt64
    /// Offset of the key in `bytes`.
    @usableFromInline var offset: Int
    @usableFromInline var length: UInt32
    @usableFromInline var owner: UInt32

    init(_ key: ByteKey, owner: UInt32, offset: Int) {
      low = key.low
      high = key.high
      self.offset = offset
      length = UInt32(key.count)
      self.owner = owner
    }
  }

  @usableFromInline var slots: FlatArray<Slot>
  @usableFromInline var entries: FlatArray<Entry>
  private var hashes: FlatArray<UInt64>
  @usableFromInline var bytes = FlatArray<UInt8>()
  @usableFromInline var mask: Int

  /// Keys are numbered with 32 bits; a full table refuses more.
  private static let limit = Int(UInt32.max) - 1

  /// - Parameter capacity: Keys that fit before the table grows.
  public init(capacity: Int = 512) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = FlatArray(repeating: Slot(entry: 0, tag: 0), count: size)
    mask = size - 1
    entries = FlatArray(capacity: capacity)
    hashes = FlatArray(capacity: capacity)
  }

  public var count: Int { entries.count }

  /// Bytes of memory, reserved ones included.
  public var byteCount: Int { slots.bytes + entries.bytes + hashes.bytes + bytes.bytes }

  /// Returns the key's number and adds the key if it is new; then the number is the former ``count``.
  @inlinable @inline(__always)
  public mutating func intern(_ key: UnsafeRawBufferPointer, owner: UInt32 = 0) throws(TaskFailure) -> Int {
    let key = ByteKey(key)
    return try intern(key, hash: key.hash(owner: owner), owner: owner)
  }

  /// - Parameter hash: The key's hash for this owner.
  @inlinable @inline(__always)
  public mutating func intern(_ key: ByteKey, hash: UInt64, owner: UInt32 = 0) throws(TaskFailure) -> Int {
    let tag = UInt32(truncatingIfNeeded: hash >> 32)
    var position = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[position]
      if slot.entry == 0 { return try insert(key, owner: owner, hash: hash, at: position) }
      if slot.tag == tag {
        let index = Int(slot.entry) &- 1
        if isEntry(index, key, owner: owner) { return index }
      }
      position = (position &+ 1) & mask
    }
  }

  /// The key's number; -1 if it is not there.
  @inlinable @inline(__always)
  public func find(_ key: ByteKey, hash: UInt64, owner: UInt32 = 0) -> Int {
    let tag = UInt32(truncatingIfNeeded: hash >> 32)
    var position = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[position]
      if slot.entry == 0 { return -1 }
      if slot.tag == tag {
        let index = Int(slot.entry) &- 1
        if isEntry(index, key, owner: owner) { return index }
      }
      position = (position &+ 1) & mask
    }
  }

  /// Whether the key with that number is this one.
  @inlinable @inline(__always)
  public func isEntry(_ index: Int, _ key: ByteKey, owner: UInt32) -> Bool {
    let entry = entries[index]
    guard entry.low == key.low, entry.high == key.high, Int(entry.length) == key.count, entry.owner == owner
    else { return false }
    return key.hasMiddle(of: UnsafeRawPointer(bytes.base + entry.offset))
  }

  /// Prefetches what a lookup of that hash reads first.
  @inlinable @inline(__always)
  public func prefetchSlot(hash: UInt64) {
    swiftlet_prefetch(slots.base + (Int(truncatingIfNeeded: hash) & mask))
  }

  @inlinable @inline(__always)
  public func prefetchEntry(_ index: Int) { swiftlet_prefetch(entries.base + index) }

  /// For keys too long for their entry.
  @inlinable @inline(__always)
  public func prefetchText(_ index: Int) { swiftlet_prefetch(bytes.base + entries[index].offset) }

  /// The number of the key that a lookup of that hash compares first, which may be another key; -1 if there is none.
  @inlinable @inline(__always)
  public func candidate(hash: UInt64) -> Int {
    Int(slots[Int(truncatingIfNeeded: hash) & mask].entry) &- 1
  }

  @inlinable
  public subscript(index: Int) -> UnsafeRawBufferPointer {
    let entry = entries[index]
    return UnsafeRawBufferPointer(start: bytes.base + entry.offset, count: Int(entry.length))
  }

  /// Copies the key, usually from its entry alone.
  /// - Returns: Its length.
  @inlinable @inline(__always)
  public func copy(_ index: Int, to target: UnsafeMutableRawPointer) -> Int {
    let entry = entries[index]
    let count = Int(entry.length)
    if count >= 8, count <= 16 {
      target.storeBytes(of: entry.low, as: UInt64.self)
      target.storeBytes(of: entry.high, toByteOffset: count &- 8, as: UInt64.self)
    } else {
      ShortCopy.copy(UnsafeRawPointer(bytes.base + entry.offset), to: target, count: count)
    }
    return count
  }

  @inlinable @inline(__always)
  public func length(_ index: Int) -> Int { Int(entries[index].length) }

  @inlinable
  public func owner(_ index: Int) -> Int { Int(entries[index].owner) }

  /// The hash of the key with its owner.
  public func hash(_ index: Int) -> UInt64 { hashes[index] }

  /// The keys' numbers, sorted by the keys' bytes.
  public func sorted() -> FlatArray<UInt32> { ByteOrder.sorted(count) { self[$0] } }

  /// Drops all keys and keeps the memory.
  public mutating func removeAll() {
    slots.elements.update(repeating: Slot(entry: 0, tag: 0))
    entries.truncate(to: 0)
    hashes.truncate(to: 0)
    bytes.truncate(to: 0)
  }

  @usableFromInline
  mutating func insert(
    _ key: ByteKey, owner: UInt32, hash: UInt64, at position: Int
  ) throws(TaskFailure) -> Int {
    guard entries.count < KeyTable.limit, key.count <= UInt32.max else {
      throw .fatal("more than \(KeyTable.limit) different keys in one task; use more partitions")
    }
    let index = entries.count
    entries.append(Entry(key, owner: owner, offset: bytes.count))
    hashes.append(hash)
    bytes.append(
      short: UnsafeBufferPointer(start: key.start?.assumingMemoryBound(to: UInt8.self), count: key.count))
    slots[position] = Slot(entry: UInt32(index) + 1, tag: UInt32(truncatingIfNeeded: hash >> 32))
    if entries.count * 2 > slots.count { grow() }
    return index
  }

  private mutating func grow() {
    var larger = FlatArray(repeating: Slot(entry: 0, tag: 0), count: slots.count * 2)
    mask = larger.count - 1
    for index in 0..<entries.count {
      let hash = hashes[index]
      var position = Int(truncatingIfNeeded: hash) & mask
      while larger[position].entry != 0 { position = (position + 1) & mask }
      larger[position] = Slot(entry: UInt32(index) + 1, tag: UInt32(truncatingIfNeeded: hash >> 32))
    }
    slots = larger
  }
}
