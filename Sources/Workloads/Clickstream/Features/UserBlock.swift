import Wire

/// The byte form of aggregates between the two stages: what one split, or a run of one, knows of the users of one shuffle partition.
///
/// Each column is whole before the next: tally of the split (partition 0 alone), ids of users, counts, sums, times, then days,
/// pages, sessions and idle sessions of every user, lists with their lengths before them. Pages are numbers in a list of the
/// block's own. Times are milliseconds since the start of the range, or since the user's first event. No users and no tally are
/// no bytes. Small numbers take a byte and names of pages leave out what they share with the one before, so zstd would
/// make blocks of events of a shop only 1.5 times smaller, and would cost more than all else that is done with them.
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
<<<<<<< HEAD
      var block = ByteWriter(reserving: contents.bytes.count / 2)
      do {
        block.count(contents.bytes.count)
        try zstd.compress(contents.bytes).withUnsafeBytes { block.raw($0) }
      } catch {
        throw TaskFailure.transient("compressing a shuffle block: \(error)")
      }
      try emit(block.bytes, part)
    }
  }

  /// The contents of a block that is not empty.
  package static func contents(_ block: [UInt8]) throws -> [UInt8] {
    var reader = ByteReader(block)
    let length = try reader.count()
    guard length <= min(limit, Zstd.maxDecompressedSize(of: reader.remaining)) else {
      throw WireError.invalid("shuffle block of \(length) bytes in a frame of \(reader.remaining)")
    }
    let zstd = Zstd()
    let contents = try [UInt8](unsafeUninitializedCapacity: length) { target, initialized in
      let room = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: target[..<length]))
      initialized = try reader.withRaw(reader.remaining) { frame in
        Result { try zstd.decompress(frame, into: room) }
      }.get()
    }
    guard contents.count == length else {
      throw WireError.truncated(needed: length, available: contents.count)
    }
    return contents
  }
}

/// Numbers pages anew for each block, in the order they come in it.
struct LocalPages: ~Copyable {
  private var numbers: FlatArray<UInt32>
  /// The pages that have a number, in its order.
  private(set) var used = FlatArray<UInt32>()

  init(count: Int) { numbers = FlatArray(repeating: UInt32.max, count: count) }

  mutating func number(_ page: Int) -> Int {
    if numbers[page] == UInt32.max {
      numbers[page] = UInt32(used.count)
      used.append(UInt32(page))
    }
    return Int(numbers[page])
  }

  mutating func clear() {
    for page in used.elements { numbers[Int(page)] = UInt32.max }
    used.truncate(to: 0)
  }
}

/// Writes the contents of blocks. Indexes once which items belong to which user, and which users to which partition.
private struct UserBlockEncoder: ~Copyable {
  private let members: Grouping
  private let days: Grouping
  private let pages: Grouping
  private let sessions: Grouping
  private let idle: Grouping

  init(
    _ aggregates: borrowing UserAggregates, parts: Int,
    part: (_ aggregates: borrowing UserAggregates, _ user: Int) -> Int
  ) {
    let users = aggregates.users.count
    members = Grouping(groups: parts, count: users) { add in
      for user in 0..<users { add(part(aggregates, user), user) }
    }
    days = Grouping(groups: users, count: aggregates.userDays.count) { aggregates.userDays.forEach($0) }
    pages = Grouping(groups: users, count: aggregates.userPages.count) { aggregates.userPages.forEach($0) }
    sessions = Grouping(groups: users, count: aggregates.sessions.count) { add in
      for session in 0..<aggregates.sessions.count { add(aggregates.sessions.owner(session), session) }
    }
    idle = Grouping(groups: users, count: aggregates.idle.intervals.count) { add in
      for index in 0..<aggregates.idle.intervals.count {
        add(Int(aggregates.idle.intervals[index].user), index)
      }
    }
  }

  /// - Returns: Whether there are users in the partition.
  func write(
    _ aggregates: borrowing UserAggregates, _ partition: Int, _ localPages: inout LocalPages,
    to writer: inout ByteWriter
  ) -> Bool {
    let users = members[partition]
    let start = aggregates.range.start
    writer.count(users.count)
    for user in users { writer.count(aggregates.users[Int(user)].count) }
    for user in users { writer.raw(aggregates.users[Int(user)]) }
    for count in 0..<UserCount.number {
      for user in users { writer.varint(UInt64(bitPattern: aggregates.rows[Int(user)][count])) }
    }
    for user in users { writer.double(aggregates.rows[Int(user)].revenue) }
    for user in users { writer.double(aggregates.rows[Int(user)].dwell) }
    for user in users { writer.count(Int(aggregates.rows[Int(user)].first - start)) }
    for user in users { writer.count(Int(aggregates.rows[Int(user)].last - start)) }

    for user in users { writer.count(days[Int(user)].count) }
    for user in users {
      for day in days[Int(user)] { writer.varint(UInt64(day)) }
    }

    localPages.clear()
    for user in users {
      for page in pages[Int(user)] { _ = localPages.number(Int(page)) }
    }
    writer.count(localPages.used.count)
    for page in localPages.used.elements { writer.count(aggregates.pages[Int(page)].count) }
    for page in localPages.used.elements { writer.raw(aggregates.pages[Int(page)]) }
    for user in users { writer.count(pages[Int(user)].count) }
    for user in users {
      for page in pages[Int(user)] { writer.count(localPages.number(Int(page))) }
    }

    writeSessions(of: users, aggregates, to: &writer)
    return !users.isEmpty
  }

  private func writeSessions(
    of users: UnsafeMutableBufferPointer<UInt32>, _ aggregates: borrowing UserAggregates,
    to writer: inout ByteWriter
  ) {
    for user in users { writer.count(sessions[Int(user)].count) }
    for user in users {
      for session in sessions[Int(user)] { writer.count(aggregates.sessions[Int(session)].count) }
    }
    for user in users {
      for session in sessions[Int(user)] { writer.raw(aggregates.sessions[Int(session)]) }
    }
    for user in users {
      let first = aggregates.rows[Int(user)].first
      for session in sessions[Int(user)] {
        let span = aggregates.spans[Int(session)]
        writer.count(Int(span.first - first))
        writer.count(Int(span.last - span.first))
      }
    }
    for user in users { writer.count(idle[Int(user)].count) }
    for user in users {
      let first = aggregates.rows[Int(user)].first
      for index in idle[Int(user)] {
        let interval = aggregates.idle.intervals[Int(index)]
        writer.count(Int(interval.start - first))
        writer.count(Int(interval.end - interval.start))
      }
=======
      try emit(writer.bytes, part)
>>>>>>> speed
    }
  }
}
