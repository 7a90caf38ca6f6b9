/// The offsets of a topic that a run reads.
package struct OffsetPlan: Sendable {
  /// One range per partition, in order; empty if nothing is new.
  package var ranges: [OffsetRange]
  /// Lost offsets by partition, if data loss is allowed.
  package var lost: [OffsetRange]

  /// Queries the brokers.
  /// - Parameters:
  ///   - covered: The next offset of partitions that earlier runs have read.
  ///   - starting: Start of the other partitions on a first run. On later runs they are new and start at their first offset.
  ///   - failOnDataLoss: Whether a lost start offset is an error.
  /// - Throws: `KafkaError`, `OffsetsLost`.
  package init(
    _ topic: KafkaTopic, covered: [Int32: Int64], starting: OffsetChoice, ending: OffsetChoice,
    failOnDataLoss: Bool
  ) throws {
    let partitions = try topic.partitions()
    if let gone = covered.keys.sorted().first(where: { !partitions.contains($0) }) {
      throw KafkaError(
        location: topic.location(gone),
        message:
          "was read by an earlier run and no longer exists; was the topic deleted and recreated?")
    }
    let starting = covered.isEmpty ? starting : .earliest
    let starts = try OffsetPlan.offsets(
      starting, of: topic, partitions.filter { covered[$0] == nil }, "startingOffsets")
    let ends = try OffsetPlan.offsets(ending, of: topic, partitions, "endingOffsets")
    ranges = []
    lost = []
    for partition in partitions {
      let (low, high) = try topic.watermarks(partition)
      let known: Int64? = covered[partition] ?? starts[partition]
      // Retention may delete first offsets between two queries, so only explicit offsets are checked.
      let isNamed = covered[partition] != nil || starting.isExplicit
      var start = starting == .earliest && !isNamed ? low : known ?? high
      let end = ending == .latest ? high : min(ends[partition] ?? high, high)
      if isNamed, start < low || start > high {
        let wanted = OffsetRange(partition: partition, start: start, end: max(start, end, low))
        guard !failOnDataLoss else {
          throw OffsetsLost(location: topic.location(partition), wanted: wanted, low: low, high: high)
        }
        if start < low { lost.append(OffsetRange(partition: partition, start: start, end: low)) }
        start = low
      }
      if ending.isExplicit, let wanted = ends[partition], wanted > high {
        throw KafkaError(
          location: topic.location(partition),
          message: "endingOffsets is \(wanted), but its next offset is \(high)"
        )
      }
      ranges.append(OffsetRange(partition: partition, start: start, end: max(start, end)))
    }
  }

  private static func offsets(
    _ choice: OffsetChoice, of topic: KafkaTopic, _ partitions: [Int32], _ field: String
  ) throws -> [Int32: Int64] {
    switch choice {
    case .earliest, .latest: return [:]
    case .timestamp(let time): return try topic.offsets(notBefore: time, partitions)
    case .explicit(let offsets):
      if let missing = partitions.first(where: { offsets[$0] == nil }) {
        throw KafkaError(location: topic.location(missing), message: "\(field) gives no offset for it")
      }
      if let unknown = offsets.keys.sorted().first(where: { !partitions.contains($0) }) {
        throw KafkaError(
          location: topic.location(unknown), message: "\(field) names it, but the partition does not exist")
      }
      return offsets
    }
  }
}

extension OffsetChoice {
  var isExplicit: Bool { if case .explicit = self { true } else { false } }
}
