import Glibc
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

  struct Entry: BitwiseCopyable {
    /// Of the first byte in `bytes`.
    var offset: Int
    var length: UInt32
    var owner: UInt32
    var hash: UInt64
  }

  private var slots: FlatArray<Slot>
  private var entries = FlatArray<Entry>()
  private var bytes = FlatArray<UInt8>()
  private var mask: Int

  /// Entries are numbered with 32 bits; a table that is full refuses.
  static let limit = Int(UInt32.max) - 1

  package init(capacity: Int = 1024) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    slots = FlatArray(repeating: Slot(entry: 0, tag: 0), count: size)
    mask = size - 1
  }

  package var count: Int { entries.count }

  /// Of memory.
  package var byteCount: Int { slots.bytes + entries.bytes + bytes.bytes }

  /// The number of a string that may be new.
  @inline(__always)
  package mutating func intern(_ string: UnsafeRawBufferPointer, owner: UInt32 = 0) throws(TaskFailure) -> Int
  {
    let hash = XXH3.hash(string, seed: UInt64(owner))
    let tag = UInt32(truncatingIfNeeded: hash >> 32)
    var position = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[position]
      if slot.entry == 0 { return try insert(string, owner: owner, hash: hash, at: position) }
      if slot.tag == tag {
        let index = Int(slot.entry) - 1
        if isEntry(index, string, owner: owner) { return index }
      }
      position = (position + 1) & mask
    }
  }

  /// Whether the string with that number is this one.
  @inline(__always)
  func isEntry(_ index: Int, _ string: UnsafeRawBufferPointer, owner: UInt32) -> Bool {
    let entry = entries[index]
    guard entry.length == string.count, entry.owner == owner else { return false }
    guard let start = string.baseAddress else { return true }
    return memcmp(bytes.base + entry.offset, start, string.count) == 0
  }

  package subscript(index: Int) -> UnsafeRawBufferPointer {
    let entry = entries[index]
    return UnsafeRawBufferPointer(start: bytes.base + entry.offset, count: Int(entry.length))
  }

  package func owner(_ index: Int) -> Int { Int(entries[index].owner) }

  /// XXH3 of the string, seeded with its owner.
  package func hash(_ index: Int) -> UInt64 { entries[index].hash }

  private mutating func insert(
    _ string: UnsafeRawBufferPointer, owner: UInt32, hash: UInt64, at position: Int
  ) throws(TaskFailure) -> Int {
    guard entries.count < StringTable.limit, string.count <= UInt32.max else {
      throw .fatal("over \(StringTable.limit) different strings in one task")
    }
    let index = entries.count
    entries.append(Entry(offset: bytes.count, length: UInt32(string.count), owner: owner, hash: hash))
    bytes.append(contentsOf: string.assumingMemoryBound(to: UInt8.self))
    slots[position] = Slot(entry: UInt32(index) + 1, tag: UInt32(truncatingIfNeeded: hash >> 32))
    if entries.count * 2 > slots.count { grow() }
    return index
  }

  private mutating func grow() {
    var larger = FlatArray(repeating: Slot(entry: 0, tag: 0), count: slots.count * 2)
    mask = larger.count - 1
    for index in 0..<entries.count {
      let hash = entries[index].hash
      var position = Int(truncatingIfNeeded: hash) & mask
      while larger[position].entry != 0 { position = (position + 1) & mask }
      larger[position] = Slot(entry: UInt32(index) + 1, tag: UInt32(truncatingIfNeeded: hash >> 32))
    }
    slots = larger
  }
}
