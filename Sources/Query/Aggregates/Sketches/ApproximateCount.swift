import Basics
import Columns

/// `approx_count_distinct`.
final class ApproximateCount: AggregateState {
  private var sketches: [DistinctSketch] = []

  func resize(to count: Int) { sketches.extend(to: count, DistinctSketch()) }

  func update(groups: [UInt32], arguments: [Vector], rows: Int, selection: [UInt32]?) throws {
    let column = arguments[0].expanded(rows)
    let loop = RowLoop(groups, [column], rows: rows, selection)
    let keys = try OrderKeys(column)
    // A local array: access to a property of a class is checked each time.
    var sketches = self.sketches
    self.sketches = []
    defer { self.sketches = sketches }
    switch keys {
    case .narrow(let keys):
      loop.forEach { group, row in sketches[group].add(Self.mixed(UInt64(bitPattern: keys[row]))) }
    case .wide(let keys):
      loop.forEach { group, row in
        sketches[group].add(withUnsafeBytes(of: keys[row].littleEndian) { XXH3.hash($0) })
      }
    case .bytes(let strings):
      strings.withPointers { offsets, source in
        loop.forEach { group, row in
          sketches[group].add(XXH3.hash(.init(rebasing: source[offsets[row]..<offsets[row + 1]])))
        }
      }
    }
  }

  /// A bijection whose every output bit depends on every input bit (the end of MurmurHash3).
  @inline(__always)
  private static func mixed(_ key: UInt64) -> UInt64 {
    var hash = key
    hash ^= hash >> 33
    hash &*= 0xff51_afd7_ed55_8ccd
    hash ^= hash >> 33
    hash &*= 0xc4ce_b9fe_1a85_ec53
    return hash ^ hash >> 33
  }

  func partial(_ groups: [UInt32]) -> [Column] {
    [Column(.bytes(StringColumn(bytes: groups.map { sketches[Int($0)].encoded })))]
  }

  func merge(groups: [UInt32], state: [Column]) throws {
    try state.expect(1)
    let strings = try state[0].strings()
    try RowLoop(merging: groups, state).forEach { group, row in
      try sketches[group].merge(Array(strings.key(row).bytes))
    }
  }

  func finish(_ count: Int) throws -> Column { Column(.int64(sketches[0..<count].map(\.estimate))) }

  var byteCount: Int { sketches.reduce(0) { $0 + $1.byteCount } }
}
