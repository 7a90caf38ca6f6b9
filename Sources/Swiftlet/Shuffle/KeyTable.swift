import Basics
import Glibc
import Wire

/// Numbers keys, known by their byte forms, in the order they first come: an open-addressing hash table over flat memory.
struct KeyTable {
  private var slots = [UInt32](repeating: 0, count: 1024)
  private var hashes: [UInt64] = []
  /// Key k is `bytes[offsets[k]..<offsets[k + 1]]`.
  private var offsets = [0]
  private var bytes: [UInt8] = []

  var count: Int { hashes.count }

  /// Of memory, without what is reserved for more.
  var byteCount: Int { slots.count * 4 + hashes.count * 16 + bytes.count }

  mutating func removeAll() {
    for index in slots.indices { slots[index] = 0 }
    hashes.removeAll(keepingCapacity: true)
    offsets.removeSubrange(1...)
    bytes.removeAll(keepingCapacity: true)
  }

  /// - Returns: The key's number, and whether it is new.
  mutating func insert(_ key: UnsafeRawBufferPointer) throws -> (index: Int, isNew: Bool) {
    let hash = XXH3.hash(key)
    let position: Int
    switch search(key, hash) {
    case .found(let index): return (index, false)
    case .free(let free): position = free
    }
    guard count < Int(UInt32.max) - 1 else {
      throw TaskFailure.fatal("over 2³² different keys in one task; use more partitions")
    }
    hashes.append(hash)
    bytes.append(contentsOf: key)
    offsets.append(bytes.count)
    slots[position] = UInt32(count)
    if count * 2 > slots.count { grow() }
    return (count - 1, true)
  }

  func find(_ key: UnsafeRawBufferPointer) -> Int? {
    if case .found(let index) = search(key, XXH3.hash(key)) { index } else { nil }
  }

  /// XXH3 of the key.
  func hash(_ index: Int) -> UInt64 { hashes[index] }

  /// The key's byte form, for the time of the call.
  func withKey<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes { try body(.init(rebasing: $0[offsets[index]..<offsets[index + 1]])) }
  }

  /// The keys' numbers, in the order of their byte forms.
  func sorted() -> [Int] {
    bytes.withUnsafeBytes { bytes in
      func key(_ index: Int) -> UnsafeRawBufferPointer {
        .init(rebasing: bytes[offsets[index]..<offsets[index + 1]])
      }
      return (0..<count).sorted { ByteOrder.precedes(key($0), key($1)) }
    }
  }

  private enum Place {
    case found(Int)
    case free(Int)
  }

  private func search(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Place {
    let mask = slots.count - 1
    var position = Int(truncatingIfNeeded: hash) & mask
    while slots[position] != 0 {
      let index = Int(slots[position]) - 1
      if hashes[index] == hash, withKey(index, { ByteOrder.areEqual($0, key) }) { return .found(index) }
      position = (position + 1) & mask
    }
    return .free(position)
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    let mask = slots.count - 1
    for (index, hash) in hashes.enumerated() {
      var position = Int(truncatingIfNeeded: hash) & mask
      while slots[position] != 0 { position = (position + 1) & mask }
      slots[position] = UInt32(index + 1)
    }
  }
}

/// The order of byte forms: that of their bytes, a beginning before the whole.
enum ByteOrder {
  static func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let shared = min(a.count, b.count)
    if shared > 0, let first = a.baseAddress, let second = b.baseAddress {
      let order = memcmp(first, second, shared)
      if order != 0 { return Int(order) }
    }
    return a.count - b.count
  }

  static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
    a.withUnsafeBytes { a in b.withUnsafeBytes { compare(a, $0) } }
  }

  static func precedes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool { compare(a, b) < 0 }

  static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    a.count == b.count && compare(a, b) == 0
  }

  /// The shuffle partition of a key: by the upper half of its hash, since tables use the lower.
  static func partition(_ hash: UInt64, of partitions: Int) -> Int {
    Int(((hash >> 32) &* UInt64(partitions)) >> 32)
  }
}
