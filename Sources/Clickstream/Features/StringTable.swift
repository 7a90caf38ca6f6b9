import CKernels
import Wire

/// Numbers strings in the order they first come, by an open-addressing hash table over flat memory. A string is known together
/// with its owner, a number of the caller's: the same session name of two users is two entries.
package struct StringTable: ~Copyable {
  /// What a slot needs to know of a string to pass by most others without touching them.
  struct Slot: BitwiseCopyable {
    /// Index of the string plus one; 0 for a free slot.
    var entry: UInt32
    /// The upper half of the hash.
    var tag: UInt32
  }

  /// Half a cache line: two of short strings never need more.
  struct Entry: BitwiseCopyable {
    var low: UInt64
    var high: UInt64
    /// Of the first byte in `bytes`.
    var offset: Int
    var length: UInt32
    var owner: UInt32
  }

  private var slots: FlatArray<Slot>
  private var entries: FlatArray<Entry>
  private var hashes: FlatArray<UInt64>
  private var bytes = FlatArray<UInt8>()
  private var mask: Int

  /// Entries are numbered with 32 bits; a table that is full refuses.
  static let limit = Int(UInt32.max) - 1

  package init(capacity: Int = 1024) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = FlatArray(repeating: Slot(entry: 0, tag: 0), count: size)
    mask = size - 1
    entries = FlatArray(capacity: capacity)
    hashes = FlatArray(capacity: capacity)
  }

  package var count: Int { entries.count }

  /// Of memory.
  package var byteCount: Int { slots.bytes + entries.bytes + hashes.bytes + bytes.bytes }

  /// The number of a string that may be new.
  @inline(__always)
  package mutating func intern(_ string: UnsafeRawBufferPointer, owner: UInt32 = 0) throws(TaskFailure) -> Int
  {
    let key = StringKey(string)
    return try intern(key, hash: key.hash(owner: owner), owner: owner)
  }

  /// - Parameter hash: The key's for this owner.
  @inline(__always)
  mutating func intern(_ key: StringKey, hash: UInt64, owner: UInt32 = 0) throws(TaskFailure) -> Int {
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

  /// Whether the string with that number is this one.
  @inline(__always)
  func isEntry(_ index: Int, _ key: StringKey, owner: UInt32) -> Bool {
    let entry = entries[index]
    guard entry.low == key.low, entry.high == key.high, Int(entry.length) == key.count, entry.owner == owner
    else { return false }
    return key.hasMiddle(of: UnsafeRawPointer(bytes.base + entry.offset))
  }

  /// Brings what a look-up of that hash needs first into the cache.
  @inline(__always)
  func prefetchSlot(hash: UInt64) { swiftlet_prefetch(slots.base + (Int(truncatingIfNeeded: hash) & mask)) }

  @inline(__always)
  func prefetchEntry(_ index: Int) { swiftlet_prefetch(entries.base + index) }

  /// Of a string that is longer than what its entry holds.
  @inline(__always)
  func prefetchText(_ index: Int) { swiftlet_prefetch(bytes.base + entries[index].offset) }

  /// The number of the string that a look-up of that hash compares first; -1 where there is none. It may be another one.
  @inline(__always)
  func candidate(hash: UInt64) -> Int { Int(slots[Int(truncatingIfNeeded: hash) & mask].entry) &- 1 }

  package subscript(index: Int) -> UnsafeRawBufferPointer {
    let entry = entries[index]
    return UnsafeRawBufferPointer(start: bytes.base + entry.offset, count: Int(entry.length))
  }

  /// Writes the string; mostly from its entry, without a look at where strings are.
  /// - Returns: How many it has.
  @inline(__always)
  func copy(_ index: Int, to target: UnsafeMutableRawPointer) -> Int {
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

  @inline(__always)
  func length(_ index: Int) -> Int { Int(entries[index].length) }

  package func owner(_ index: Int) -> Int { Int(entries[index].owner) }

  /// Of the string with its owner.
  package func hash(_ index: Int) -> UInt64 { hashes[index] }

  private mutating func insert(
    _ key: StringKey, owner: UInt32, hash: UInt64, at position: Int
  ) throws(TaskFailure) -> Int {
    guard entries.count < StringTable.limit, key.count <= UInt32.max else {
      throw .fatal("over \(StringTable.limit) different strings in one task")
    }
    let index = entries.count
    entries.append(
      Entry(low: key.low, high: key.high, offset: bytes.count, length: UInt32(key.count), owner: owner))
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
