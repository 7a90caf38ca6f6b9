/// Items sorted by the group they belong to, by counting; within a group they keep their order.
struct Grouping: ~Copyable {
  private var offsets: FlatArray<Int>
  private var items: FlatArray<UInt32>

  /// - Parameter pair: A group, and what belongs to it, for each of `count` of them; asked twice.
  @inline(__always)
  init(groups: Int, count: Int, _ pair: (_ index: Int) -> (group: Int, item: UInt32)) {
    // Group g's items begin at `offsets[g]` in the end; while they are put in place, that is `offsets[g + 1]`.
    offsets = FlatArray(repeating: 0, count: groups + 2)
    items = FlatArray(capacity: count)
    items.reserve(count)
    for index in 0..<count { offsets.base[pair(index).group &+ 2] &+= 1 }
    for group in 0..<groups { offsets.base[group &+ 2] &+= offsets.base[group &+ 1] }
    for index in 0..<count {
      let (group, item) = pair(index)
      let place = offsets.base[group &+ 1]
      items.base[place] = item
      offsets.base[group &+ 1] = place &+ 1
    }
    items.setCount(count)
  }

  @inline(__always)
  subscript(group: Int) -> UnsafeMutableBufferPointer<UInt32> { self[group..<group &+ 1] }

  /// The items of groups that follow one another.
  @inline(__always)
  subscript(groups: Range<Int>) -> UnsafeMutableBufferPointer<UInt32> {
    let start = offsets[groups.lowerBound]
    return UnsafeMutableBufferPointer(
      start: items.base + start, count: offsets[groups.upperBound] &- start)
  }

  /// Where the items of a group begin among all items, and those of the one before end.
  @inline(__always)
  func start(_ group: Int) -> Int { offsets[group] }
}
