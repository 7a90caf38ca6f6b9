/// A set of pairs of 32-bit numbers (user and page, user and day): open addressing over flat memory.
package struct PairSet: ~Copyable {
  /// No pair: the first of a pair is a user's number, which never gets that high.
  private static let free = UInt64.max

  private var slots: FlatArray<UInt64>
  package private(set) var count = 0

  package init() {
    slots = FlatArray(repeating: PairSet.free, count: 1024)
  }

  /// Of memory.
  package var byteCount: Int { slots.bytes }

  /// - Returns: Whether the pair is new.
  @inline(__always)
  package mutating func insert(_ first: Int, _ second: Int) -> Bool {
    let pair = UInt64(truncatingIfNeeded: first) << 32 | UInt64(UInt32(truncatingIfNeeded: second))
    let position = find(pair)
    if slots[position] == pair { return false }
    slots[position] = pair
    count += 1
    if count * 2 > slots.count { grow() }
    return true
  }

  /// Every pair, in an order that depends on the pairs and the order they came in alone.
  package func forEach(_ body: (_ first: Int, _ second: Int) -> Void) {
    for index in 0..<slots.count where slots[index] != PairSet.free {
      body(Int(slots[index] >> 32), Int(UInt32(truncatingIfNeeded: slots[index])))
    }
  }

  /// The slot that holds the pair, or is free for it. The hash is the two halves of the 128-bit product, folded.
  @inline(__always)
  private func find(_ pair: UInt64) -> Int {
    let mask = slots.count - 1
    let product = (pair ^ 0x2d35_8dcc_aa6c_78a5).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    var position = Int(truncatingIfNeeded: product.high ^ product.low) & mask
    while slots[position] != pair && slots[position] != PairSet.free { position = (position + 1) & mask }
    return position
  }

  private mutating func grow() {
    var old = FlatArray(repeating: PairSet.free, count: slots.count * 2)
    swap(&old, &slots)
    for index in 0..<old.count where old[index] != PairSet.free { slots[find(old[index])] = old[index] }
  }
}
