import Shuffle
import Wire

/// The encoded form of aggregates between the two stages: what a run of one split holds for the users of one shuffle
/// partition.
///
/// Column by column: tally of the split (partition 0 only), user ids, counts, sums, times, then days, pages, sessions and idle
/// sessions, lists with their lengths first. Pages are numbers in the block's own list of pages. Times are milliseconds since the
/// start of the range, or since the user's first event. A block with neither users nor tally has no bytes. Small numbers take one
/// byte, and a page leaves out the prefix it shares with the page before: about 10 bytes per event of a shop. Blocks are not
/// compressed: zstd saves 3 of these bytes and takes more time than everything else done with blocks.
package enum UserBlock {
  /// The most bytes of a block.
  private static let limit = 1 << 30

  /// The most bytes of a page that may be left out. Limits what a hostile block expands to: 33 times its size.
  static let mostShared = 64

  /// Emits a block for each shuffle partition that has users, and for the first one if there is a tally.
  package static func encode(
    _ aggregates: inout UserAggregates, tally: ScanTally?, partitions: Int,
    emit: (_ block: [UInt8], _ partition: Int) throws -> Void
  ) throws {
    try HashPartition.check(partitions)
    try encode(
      &aggregates, tally: tally, parts: partitions,
      part: { HashPartition.of($0.users.hash($1), partitions: partitions) }, emit: emit)
  }

  /// Emits a block for each part that has users, and for the first part if there is a tally.
  /// - Parameters:
  ///   - part: The part, below `parts`, that a user belongs to.
  ///   - emit: Takes the blocks, in the order of the parts.
  static func encode(
    _ aggregates: inout UserAggregates, tally: ScanTally?, parts: Int,
    part: (_ aggregates: borrowing UserAggregates, _ user: Int) -> Int,
    emit: (_ block: [UInt8], _ part: Int) throws -> Void
  ) throws {
    aggregates.idle.coalesce()
    var encoder = UserBlockEncoder(aggregates, parts: parts, part: part)
    var writer = BlockWriter()
    for part in 0..<parts {
      writer.removeAll()
      let tally = part == 0 ? tally?.encoded : nil
      writer.varint(tally?.count ?? 0)
      tally?.withUnsafeBytes { writer.raw($0) }
      let hasUsers = encoder.write(aggregates, part, to: &writer)
      guard hasUsers || tally != nil else { continue }
      guard writer.count <= limit else {
        throw TaskFailure.fatal(
          "a split has over \(limit) bytes of users in one shuffle partition; cut the input into smaller files"
        )
      }
      try emit(writer.bytes, part)
    }
  }
}
