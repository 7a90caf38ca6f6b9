/// Items sorted by the group they belong to, by counting; within a group they keep their order.
struct Grouping: ~Copyable {
  private var offsets: FlatArray<Int>
  private var items: FlatArray<UInt32>

  /// - Parameter pairs: Group and item, in the upper and the lower half.
  init(groups: Int, _ pairs: UnsafeMutableBufferPointer<UInt64>) {
    // Group g's items begin at `offsets[g]` in the end; while they are put in place, that is `offsets[g + 1]`.
    offsets = FlatArray(repeating: 0, count: groups + 2)
    items = FlatArray(repeating: 0, count: pairs.count)
    for pair in pairs { offsets[Int(pair >> 32) &+ 2] &+= 1 }
    for group in 0..<groups { offsets[group &+ 2] &+= offsets[group &+ 1] }
    for pair in pairs {
      let group = Int(pair >> 32)
      items[offsets[group &+ 1]] = UInt32(truncatingIfNeeded: pair)
      offsets[group &+ 1] &+= 1
    }
  }

  /// - Parameter group: Of each of `count` items, numbered from 0.
  init(groups: Int, count: Int, group: (_ item: Int) -> Int) {
    var pairs = FlatArray<UInt64>(capacity: count)
    for item in 0..<count {
      pairs.append(UInt64(truncatingIfNeeded: group(item)) << 32 | UInt64(truncatingIfNeeded: item))
    }
    self.init(groups: groups, pairs.elements)
  }

  @inline(__always)
  subscript(group: Int) -> UnsafeMutableBufferPointer<UInt32> {
    UnsafeMutableBufferPointer(rebasing: items.elements[offsets[group]..<offsets[group &+ 1]])
  }
}
