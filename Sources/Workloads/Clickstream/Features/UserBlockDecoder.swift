import Wire

/// Takes a block apart and merges it into aggregates, checking whatever it says: a broken one throws, and costs no more memory
/// than its bytes deserve.
package struct UserBlockDecoder: ~Copyable {
  private var reader: ByteReader
  private let range: TimeRange
  /// The block's users, as the aggregates number them.
  private var users = FlatArray<UInt32>()
  /// When each was first and last seen.
  private var spans = FlatArray<UserAggregates.Span>()

  private init(_ contents: [UInt8], range: TimeRange) {
    reader = ByteReader(contents)
    self.range = range
  }

  /// - Returns: The tally that the block carries.
  /// - Throws: `WireError`, `CodecError` or `TaskFailure`; the aggregates are of no use then.
  package static func merge(_ block: [UInt8], into aggregates: inout UserAggregates) throws -> ScanTally? {
    if block.isEmpty { return nil }
    var decoder = UserBlockDecoder(try UserBlock.contents(block), range: aggregates.range)
    let tally: ScanTally? = try decoder.reader.optional()
    try decoder.mergeRows(into: &aggregates)
    try decoder.mergeDays(into: &aggregates)
    try decoder.mergePages(into: &aggregates)
    try decoder.mergeSessions(into: &aggregates)
    try decoder.mergeIdle(into: &aggregates)
    try decoder.reader.expectEnd()
    return tally
  }

  private mutating func mergeRows(into aggregates: inout UserAggregates) throws {
    let count = try itemCount()
    let ids = try strings(count)
    for index in 0..<count { users.append(UInt32(try aggregates.user(ids[index]))) }
    for number in 0..<UserCount.number {
      for user in users.elements { aggregates.rows[Int(user)][number] &+= Int64(try reader.count()) }
    }
    for user in users.elements { aggregates.rows[Int(user)].revenue += try reader.double() }
    for user in users.elements { aggregates.rows[Int(user)].dwell += try reader.double() }
    for user in users.elements {
      let first = try time(since: range.start)
      spans.append(UserAggregates.Span(first: first, last: first))
      aggregates.rows[Int(user)].first = min(aggregates.rows[Int(user)].first, first)
    }
    for index in 0..<users.count {
      let user = Int(users[index])
      let last = try time(since: range.start)
      guard last >= spans[index].first else { throw WireError.invalid("a last event before the first") }
      spans[index].last = last
      aggregates.rows[user].last = max(aggregates.rows[user].last, last)
    }
  }

  private mutating func mergeDays(into aggregates: inout UserAggregates) throws {
    let days = range.milliseconds / ISO8601.millisecondsPerDay
    try lists { decoder, user in
      let day = try decoder.reader.count()
      guard day < days else { throw WireError.invalid("day \(day) of \(days)") }
      _ = aggregates.userDays.insert(Int(decoder.users[user]), day)
    }
  }

  private mutating func mergePages(into aggregates: inout UserAggregates) throws {
    let count = try itemCount()
    let names = try strings(count)
    var pages = FlatArray<UInt32>(capacity: count)
    for index in 0..<count { pages.append(UInt32(try aggregates.pages.intern(names[index]))) }
    try lists { decoder, user in
      let page = try decoder.reader.count()
      guard page < count else { throw WireError.invalid("page \(page) of \(count)") }
      _ = aggregates.userPages.insert(Int(decoder.users[user]), Int(pages[page]))
    }
  }

  private mutating func mergeSessions(into aggregates: inout UserAggregates) throws {
    var owners = FlatArray<UInt32>()
    for index in 0..<users.count {
      for _ in 0..<(try itemCount(beside: owners.count)) { owners.append(UInt32(index)) }
    }
    let names = try strings(owners.count)
    for index in 0..<owners.count {
      let span = try span(of: Int(owners[index]))
      _ = try aggregates.addSession(
        user: Int(users[Int(owners[index])]), names[index], first: span.first, last: span.last)
    }
  }

  private mutating func mergeIdle(into aggregates: inout UserAggregates) throws {
    try lists { decoder, user in
      let span = try decoder.span(of: user)
      aggregates.idle.add(user: Int(decoder.users[user]), start: span.first, end: span.last)
    }
  }

  /// A number of things of which each takes a byte or more.
  private mutating func itemCount(beside others: Int = 0) throws(WireError) -> Int {
    let count = try reader.count()
    guard count <= reader.remaining - others else {
      throw .truncated(needed: count, available: reader.remaining - others)
    }
    return count
  }

  /// Lengths, then the bytes of strings.
  private mutating func strings(_ count: Int) throws(WireError) -> StringList {
    var list = StringList()
    var total = 0
    for _ in 0..<count {
      total += try itemCount(beside: total)
      list.ends.append(total)
    }
    try reader.withRaw(total) { list.bytes.append(contentsOf: $0.assumingMemoryBound(to: UInt8.self)) }
    return list
  }

  /// A list for every user: all lengths, then the items of all, which `item` reads.
  private mutating func lists(_ item: (inout UserBlockDecoder, _ user: Int) throws -> Void) throws {
    var counts = FlatArray<Int>(capacity: users.count)
    var total = 0
    for _ in 0..<users.count {
      let count = try itemCount(beside: total)
      total += count
      counts.append(count)
    }
    for user in 0..<users.count {
      for _ in 0..<counts[user] { try item(&self, user) }
    }
  }

  /// A time within the range.
  private mutating func time(since origin: Int64) throws(WireError) -> Int64 {
    let offset = try reader.count()
    let (time, overflow) = origin.addingReportingOverflow(Int64(offset))
    guard !overflow, time < range.end else { throw .invalid("a time \(offset) ms after \(origin)") }
    return time
  }

  /// A session's first and last event, between those of the user.
  private mutating func span(of user: Int) throws(WireError) -> UserAggregates.Span {
    let first = try time(since: spans[user].first)
    let last = try time(since: first)
    guard last <= spans[user].last else { throw .invalid("a session that goes on after its user") }
    return UserAggregates.Span(first: first, last: last)
  }
}

/// Strings laid end to end.
private struct StringList: ~Copyable {
  var ends = FlatArray<Int>()
  var bytes = FlatArray<UInt8>()

  subscript(index: Int) -> UnsafeRawBufferPointer {
    let start = index == 0 ? 0 : ends[index - 1]
    return UnsafeRawBufferPointer(start: bytes.base + start, count: ends[index] - start)
  }
}
