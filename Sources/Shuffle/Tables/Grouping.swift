import Columns

/// Items sorted by group, by counting. Items of one group keep their order.
public struct Grouping: ~Copyable {
  @usableFromInline var offsets: FlatArray<Int>
  @usableFromInline var items: FlatArray<UInt32>

  /// - Parameter pair: Returns the group and the item at an index below `count`. Called twice for each index.
  @inlinable @inline(__always)
  public init(groups: Int, count: Int, _ pair: (_ index: Int) -> (group: Int, item: UInt32)) {
    // Group g's items begin at `offsets[g]` in the end, and at `offsets[g + 1]` while they are put in place.
    offsets = FlatArray(repeating: 0, count: groups + 2)
    items = FlatArray(capacity: count)
    items.reserve(count)
    let starts = offsets.base
    let target = items.base
    for index in 0..<count { starts[pair(index).group &+ 2] &+= 1 }
    for group in 0..<groups { starts[group &+ 2] &+= starts[group &+ 1] }
    for index in 0..<count {
      let (group, item) = pair(index)
      let position = starts[group &+ 1]
      target[position] = item
      starts[group &+ 1] = position &+ 1
    }
    items.setCount(count)
  }

  @inlinable @inline(__always)
  public subscript(group: Int) -> UnsafeMutableBufferPointer<UInt32> { self[group..<group &+ 1] }

  /// The items of consecutive groups.
  @inlinable @inline(__always)
  public subscript(groups: Range<Int>) -> UnsafeMutableBufferPointer<UInt32> {
    let start = offsets[groups.lowerBound]
    return UnsafeMutableBufferPointer(
      start: items.base + start, count: offsets[groups.upperBound] &- start)
  }

  /// Index, among all items, of the group's first.
  @inlinable @inline(__always)
  public func start(_ group: Int) -> Int { offsets[group] }
}
