/// Pairs of 32-bit numbers (user and page, user and day), of which only the distinct ones matter in the end. To append is cheaper than
/// to look for each pair in a set; what comes twice is dropped when the list has doubled, and by who reads it in groups.
package struct PairList: ~Copyable {
  private static let smallest = 1 << 18

  private var pairs: FlatArray<UInt64>
  private var compactAt = PairList.smallest
  /// One more than the largest second.
  private var seconds = 0

  /// - Parameter capacity: Pairs for which the list need not grow.
  package init(capacity: Int = 16) { pairs = FlatArray(capacity: capacity) }

  /// Of memory.
  package var byteCount: Int { pairs.bytes }

  /// - Parameter isNew: False for a pair that is known to be in the list. No branch depends on it.
  @inline(__always)
  package mutating func append(_ first: Int, _ second: Int, isNew: Bool = true) {
    if pairs.count == compactAt { compact() }
    pairs.append(UInt64(truncatingIfNeeded: first) << 32 | UInt64(UInt32(truncatingIfNeeded: second)))
    pairs.truncate(to: pairs.count &- (isNew ? 0 : 1))
    seconds = max(seconds, second &+ 1)
  }

  /// The seconds of every first, which is below `firsts`; some may come several times.
  func grouped(firsts: Int) -> Grouping {
    Grouping(groups: firsts, count: pairs.count) { [pairs = pairs.base] in
      (Int(pairs[$0] >> 32), UInt32(truncatingIfNeeded: pairs[$0]))
    }
  }

  /// The same, by the places of the firsts in an order.
  func grouped(by places: borrowing FlatArray<UInt32>) -> Grouping {
    Grouping(groups: places.count, count: pairs.count) { [pairs = pairs.base, places = places.base] in
      (Int(places[Int(pairs[$0] >> 32)]), UInt32(truncatingIfNeeded: pairs[$0]))
    }
  }

  /// Tells what of a group comes for the first time.
  func marks() -> Marks { Marks(count: seconds) }

  /// How many different seconds each first has.
  package func distinctSeconds(firsts: Int) -> FlatArray<Int64> {
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

  private mutating func compact() {
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

  /// For each second the group that it was seen in last.
  struct Marks: ~Copyable {
    private var groups: FlatArray<UInt32>

    init(count: Int) { groups = FlatArray(repeating: 0, count: count) }

    /// Whether a second is asked for the first time since the group began. Groups come one after the other.
    @inline(__always)
    mutating func isNew(_ second: Int, in group: Int) -> Bool {
      let mark = UInt32(truncatingIfNeeded: group &+ 1)
      defer { groups[second] = mark }
      return groups[second] != mark
    }
  }
}
