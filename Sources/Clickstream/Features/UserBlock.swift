import Wire

/// The byte form of aggregates between the two stages: what one split, or a run of one, knows of the users of one shuffle partition.
///
/// Each column is whole before the next: tally of the split (partition 0 alone), ids of users, counts, sums, times, then days,
/// pages, sessions and idle sessions of every user, lists with their lengths before them. Pages are numbers in a list of the
/// block's own. Times are milliseconds since the start of the range, or since the user's first event. No users and no tally are
/// no bytes. Small numbers take a byte, and names of pages leave out what they share with the one before: blocks of the events of a
/// shop have 10 bytes an event. zstd made 7 of them, in more time than all else that is done with blocks.
package enum UserBlock {
  /// The most bytes that a block may have.
  static let limit = 1 << 30

  /// What of a page's name may be left out. Limited, so that a block of any making takes no more than 33 times its bytes.
  static let mostShared = 64

  /// The shuffle partition of a user: by the upper half of the hash of the id, since tables use the lower.
  package static func partition(of hash: UInt64, partitions: Int) -> Int {
    Int(((hash >> 32) &* UInt64(partitions)) >> 32)
  }

  /// A block for each shuffle partition that has users, and for the first if there is a tally.
  package static func encode(
    _ aggregates: inout UserAggregates, tally: ScanTally?, partitions: Int,
    emit: (_ block: [UInt8], _ partition: Int) throws -> Void
  ) throws {
    guard (1...1 << 16).contains(partitions) else {
      throw TaskFailure.fatal("\(partitions) shuffle partitions")
    }
    try encode(
      &aggregates, tally: tally, parts: partitions,
      part: { partition(of: $0.users.hash($1), partitions: partitions) }, emit: emit)
  }

  /// Makes a block for each part that has users, and for the first part if there is a tally.
  /// - Parameters:
  ///   - part: Where a user belongs, of `parts`.
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
