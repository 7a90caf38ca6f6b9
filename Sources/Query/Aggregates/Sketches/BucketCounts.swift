/// How many values of each group fell into each bucket: one open table for all groups.
struct BucketCounts {
  /// A group and a bucket; ``free`` for a free slot.
  private var keys: [UInt64] = []
  private var counts: [Int64] = []
  private var used = 0

  private static let free = UInt64.max

  var byteCount: Int { keys.count * 16 }

  @inline(__always)
  mutating func add(_ count: Int64, group: Int, bucket: Int32) {
    if used &* 2 >= keys.count { grow() }
    let key = UInt64(truncatingIfNeeded: group) << 32 | UInt64(UInt32(bitPattern: bucket) ^ 1 << 31)
    let slot = find(key)
    if keys[slot] == Self.free {
      keys[slot] = key
      used &+= 1
    }
    counts[slot] &+= count
  }

  @inline(__always)
  private func find(_ key: UInt64) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 20) & mask
    while keys[slot] != key, keys[slot] != Self.free { slot = (slot &+ 1) & mask }
    return slot
  }

  private mutating func grow() {
    let (keysBefore, countsBefore) = (keys, counts)
    keys = Array(repeating: Self.free, count: max(64, keysBefore.count * 2))
    counts = Array(repeating: 0, count: keys.count)
    for (index, key) in keysBefore.enumerated() where key != Self.free {
      let slot = find(key)
      keys[slot] = key
      counts[slot] = countsBefore[index]
    }
  }

  /// Sorted by group, then by bucket.
  struct Sorted {
    fileprivate(set) var buckets: [Int32] = []
    fileprivate(set) var counts: [Int64] = []
    /// The buckets of group g are `starts[g]..<starts[g + 1]`.
    fileprivate(set) var starts: [Int]
  }

  func sorted(groups: Int) -> Sorted {
    let entries = keys.indices.filter { keys[$0] != Self.free }.sorted { keys[$0] < keys[$1] }
    var sorted = Sorted(starts: Array(repeating: 0, count: groups + 1))
    for entry in entries {
      sorted.buckets.append(Int32(bitPattern: UInt32(truncatingIfNeeded: keys[entry]) ^ 1 << 31))
      sorted.counts.append(counts[entry])
      sorted.starts[Int(keys[entry] >> 32) + 1] += 1
    }
    for group in 0..<groups { sorted.starts[group + 1] += sorted.starts[group] }
    return sorted
  }
}
