/// Lists stored end to end; list i has the elements `offsets[i]..<offsets[i + 1]`. A null list has no elements.
public struct ListColumn: Hashable, Sendable {
  /// One more offset than there are lists; the first is 0.
  public var offsets: [Int]
  public var elements: Column {
    get { storage[0] }
    set { storage[0] = newValue }
  }

  /// One column. In an array, because a column cannot contain itself directly.
  private var storage: [Column]

  public init(offsets: [Int] = [0], elements: Column) {
    self.offsets = offsets
    storage = [elements]
  }

  public var count: Int { offsets.count - 1 }
}
