import Columns

/// Pairs of 32-bit numbers (user and page, user and day), for counting distinct ones. Appending is cheaper than looking each pair
/// up in a set; duplicates are dropped when the list has doubled, and by whoever reads it in groups.
public struct PairList: ~Copyable {
  private static let smallest = 1 << 18

  @usableFromInline var pairs: FlatArray<UInt64>
  @usableFromInline var compactAt = PairList.smallest
  /// One more than the largest second number.
  @usableFromInline var seconds = 0

  /// - Parameter capacity: Pairs that fit before the list grows.
  public init(capacity: Int = 16) { pairs = FlatArray(capacity: capacity) }

  /// Bytes of memory, reserved ones included.
  public var byteCount: Int { pairs.bytes }

  /// - Parameter isNew: False for a pair known to be in the list. No branch depends on it.
  @inlinable @inline(__always)
  public mutating func append(_ first: Int, _ second: Int, isNew: Bool = true) {
    if pairs.count == compactAt { compact() }
    pairs.append(UInt64(truncatingIfNeeded: first) << 32 | UInt64(UInt32(truncatingIfNeeded: second)))
    pairs.truncate(to: pairs.count &- (isNew ? 0 : 1))
    seconds = max(seconds, second &+ 1)
  }

  /// The second numbers of every first number below `firsts`, duplicates included.
  func grouped(firsts: Int) -> Grouping {
    Grouping(groups: firsts, count: pairs.count) { [pairs = pairs.base] in
      (Int(pairs[$0] >> 32), UInt32(truncatingIfNeeded: pairs[$0]))
    }
  }

  /// The same, grouped by the position of each first number in some order.
  public func grouped(by positions: borrowing FlatArray<UInt32>) -> Grouping {
    Grouping(groups: positions.count, count: pairs.count) {
      [pairs = pairs.base, positions = positions.base] in
      (Int(positions[Int(pairs[$0] >> 32)]), UInt32(truncatingIfNeeded: pairs[$0]))
    }
  }

  /// Finds duplicates while groups are read.
  public func marks() -> Marks { Marks(count: seconds) }

  /// How many distinct second numbers each first number has.
  public func distinctSeconds(firsts: Int) -> FlatArray<Int64> {
    let groups = grouped(firsts: firsts)
    var marks = marks()
    var counts = FlatArray<Int64>(repeating: 0, count: firsts)
    for first in 0..<firsts {
      var count: Int64 = 0
      for second in groups[first] { count &+= marks.isNew(Int(second), in: first) ? 1 : 0 }
      counts[first] = count
    }
    return counts
  }

  @usableFromInline
  mutating func compact() {
    var firsts = 0
    for pair in pairs.elements { firsts = max(firsts, Int(pair >> 32) + 1) }
    let groups = grouped(firsts: firsts)
    var marks = marks()
    pairs.truncate(to: 0)
    for first in 0..<firsts {
      for second in groups[first] where marks.isNew(Int(second), in: first) {
        pairs.append(UInt64(truncatingIfNeeded: first) << 32 | UInt64(second))
      }
    }
    compactAt = max(PairList.smallest, pairs.count * 2)
  }

  /// For each second number, the group in which it was last seen.
  public struct Marks: ~Copyable {
    @usableFromInline var groups: FlatArray<UInt32>

    init(count: Int) { groups = FlatArray(repeating: 0, count: count) }

    /// Whether this is the number's first appearance in the group. All of a group must be asked before the next group.
    @inlinable @inline(__always)
    public mutating func isNew(_ second: Int, in group: Int) -> Bool {
      let mark = UInt32(truncatingIfNeeded: group &+ 1)
      defer { groups[second] = mark }
      return groups[second] != mark
    }
  }
}
