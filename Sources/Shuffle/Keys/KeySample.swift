import Basics

/// Every n-th key of a task; n doubles whenever the sample is full. No randomness: the same input gives the same sample.
package struct KeySample: WireCodable {
  private static let limit = 64

  private var keys: [[UInt8]] = []
  /// Number of keys that each sampled key stands for.
  private var weight = 1
  private var seen = 0

  package init() {}

  package mutating func add(_ key: [UInt8]) {
    defer { seen += 1 }
    guard seen % weight == 0 else { return }
    keys.append(key)
    guard keys.count == KeySample.limit else { return }
    weight *= 2
    keys = stride(from: 0, to: keys.count, by: 2).map { keys[$0] }
  }

  /// Ranges that each hold about the same number of the sampled tasks' keys. Fewer than `partitions` if there are not enough
  /// distinct keys.
  package static func ranges(_ samples: [KeySample], partitions: Int) -> KeyRanges {
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
    return KeyRanges(boundaries: boundaries)
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    weight = try reader.count()
    let count = try reader.count()
    while keys.count < count { keys.append(try reader.blob()) }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.count(weight)
    writer.count(keys.count)
    for key in keys { writer.blob(key) }
  }
}
