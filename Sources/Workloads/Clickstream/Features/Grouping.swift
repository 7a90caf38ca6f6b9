/// Items sorted by the group they belong to, by counting; within a group they keep their order.
struct Grouping: ~Copyable {
  private var offsets: FlatArray<Int>
  private var items: FlatArray<UInt32>

  /// - Parameter forEach: Calls its argument with group and item, for all of them in a fixed order; called twice.
  init(groups: Int, count: Int, forEach: ((_ group: Int, _ item: Int) -> Void) -> Void) {
    // Group g's items begin at `offsets[g]` in the end; while they are put in place, that is `offsets[g + 1]`.
    var offsets = FlatArray<Int>(repeating: 0, count: groups + 2)
    var items = FlatArray<UInt32>(repeating: 0, count: count)
    forEach { group, _ in offsets[group + 2] += 1 }
    for group in 0..<groups { offsets[group + 2] += offsets[group + 1] }
    forEach { group, item in
      items[offsets[group + 1]] = UInt32(item)
      offsets[group + 1] += 1
    }
    self.offsets = offsets
    self.items = items
  }

  subscript(group: Int) -> UnsafeMutableBufferPointer<UInt32> {
    UnsafeMutableBufferPointer(rebasing: items.elements[offsets[group]..<offsets[group + 1]])
  }
}
