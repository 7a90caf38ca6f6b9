/// Every n-th key of a task, with n doubled whenever there are too many: no randomness, so one input has one sample.
struct KeySample: Record {
  private static let limit = 64

  private(set) var keys: [[UInt8]] = []
  /// How many keys each of them stands for.
  private(set) var weight = 1
  private var seen = 0

  mutating func add(_ key: [UInt8]) {
    defer { seen += 1 }
    guard seen % weight == 0 else { return }
    keys.append(key)
    guard keys.count == KeySample.limit else { return }
    weight *= 2
    keys = stride(from: 0, to: keys.count, by: 2).map { keys[$0] }
  }

  /// Keys that cut what the samples stand for into `partitions` parts of about the same number of records. Records of one key are
  /// in one part, so there may be fewer.
  static func boundaries(_ samples: [KeySample], partitions: Int) -> [[UInt8]] {
    let weighted = samples.flatMap { sample in sample.keys.map { (key: $0, weight: sample.weight) } }
      .sorted { ByteOrder.compare($0.key, $1.key) < 0 }
    let total = weighted.reduce(0.0) { $0 + Double($1.weight) }
    var boundaries: [[UInt8]] = []
    var before = 0.0
    for (key, weight) in weighted {
      let due = total * Double(boundaries.count + 1) / Double(partitions)
      let isNew = boundaries.last.map { ByteOrder.compare($0, key) < 0 } ?? true
      if boundaries.count < partitions - 1, before >= due, isNew { boundaries.append(key) }
      before += Double(weight)
    }
    return boundaries
  }

  /// The number of boundaries that are not over the key.
  static func partition(of key: UnsafeRawBufferPointer, _ boundaries: [[UInt8]]) -> Int {
    var low = 0
    var high = boundaries.count
    while low < high {
      let middle = (low + high) / 2
      let isOver = boundaries[middle].withUnsafeBytes { ByteOrder.compare($0, key) > 0 }
      if isOver { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
