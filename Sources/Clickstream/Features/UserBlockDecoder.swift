import Basics
import Columns
import Shuffle

/// Merges blocks into aggregates. Every length and number is checked: a corrupt block throws, and takes no more memory than a
/// valid block of its size could.
package struct UserBlockDecoder: ~Copyable {
  /// Rows to prefetch ahead.
  private static let ahead = 8
  /// Upper limit of a user's counts; no cluster has seen as many events.
  private static let largestCount: UInt64 = 1 << 62

  private var reader: BlockReader
  private let range: TimeRange
  /// The numbers that the aggregates give to the block's users.
  private var users = FlatArray<UInt32>()
  /// First and last event of each user in the block.
  private var spans = FlatArray<UserAggregates.Span>()
  private var lengths = FlatArray<Int>()
  private var window = LookupWindow()

  private init(_ reader: BlockReader, range: TimeRange) {
    self.reader = reader
    self.range = range
  }

  /// - Returns: The tally that the block carries.
  /// - Throws: `WireError` or `TaskFailure`; the aggregates are unusable then.
  package static func merge(_ block: [UInt8], into aggregates: inout UserAggregates) throws -> ScanTally? {
    try block.withUnsafeBytes { bytes throws in
      guard let reader = BlockReader(bytes) else { return nil }
      var decoder = UserBlockDecoder(reader, range: aggregates.range)
      let tally = try decoder.reader.raw(try decoder.reader.items())
      try decoder.mergeRows(into: &aggregates)
      try decoder.mergeDays(into: &aggregates)
      try decoder.mergePages(into: &aggregates)
      try decoder.mergeSessions(into: &aggregates)
      try decoder.mergeIdle(into: &aggregates)
      try decoder.reader.expectEnd()
      return tally.isEmpty ? nil : try ScanTally(decoding: Array(tally))
    }
  }

  private mutating func mergeRows(into aggregates: inout UserAggregates) throws {
    let count = try reader.items()
    let total = try readLengths(count)
    var ids = try reader.raw(total)
    for index in 0..<count {
      window.append(UnsafeRawBufferPointer(rebasing: ids[..<lengths[index]]))
      ids = UnsafeRawBufferPointer(rebasing: ids[lengths[index]...])
      if window.isFull { try window.run(on: &aggregates.users, into: &users) }
    }
    try window.run(on: &aggregates.users, into: &users)
    aggregates.addRows()
    let days = aggregates.daysAreBits ? range.days : 0
    let rows = aggregates.rows.base
    for index in 0..<count {
      aggregates.prefetchRow(Int(users[min(index &+ UserBlockDecoder.ahead, count &- 1)]))
      try mergeRow(into: rows + Int(users[index]), days: days)
    }
  }

  /// - Parameter days: Number of days in the range; 0 if days are lists.
  @inline(__always)
  private mutating func mergeRow(into row: UnsafeMutablePointer<UserRow>, days: Int) throws {
    // A sum follows only if its count is not zero.
    let purchases: Int64
    let dwells: Int64
    if let numbers = reader.smallNumbers(UserCount.number) {
      for number in 0..<UserCount.number { row.pointee[number] &+= Int64(numbers[number]) }
      purchases = Int64(numbers[UserCount.purchases.rawValue])
      dwells = Int64(numbers[UserCount.dwells.rawValue])
    } else {
      var numbers = UserCounts(repeating: 0)
      for number in 0..<UserCount.number {
        numbers[number] = Int64(try reader.varint())
        // Counts saturate: one that wrapped around could not be written again. Small numbers never get there.
        let sum = UInt64(bitPattern: row.pointee[number] &+ numbers[number])
        row.pointee[number] = Int64(min(sum, UserBlockDecoder.largestCount))
      }
      purchases = numbers[UserCount.purchases.rawValue]
      dwells = numbers[UserCount.dwells.rawValue]
    }
    if purchases != 0 { row.pointee.revenue += try reader.double() }
    if dwells != 0 { row.pointee.dwell += try reader.double() }
    let first = try time(since: range.start)
    let last = try time(since: first)
    row.pointee.first = min(row.pointee.first, first)
    row.pointee.last = max(row.pointee.last, last)
    spans.append(UserAggregates.Span(first: first, last: last))
    guard days > 0 else { return }
    for half in 0..<2 {
      let bits = try reader.varint()
      guard bits >> max(0, min(32, days - 32 * half)) == 0 else {
        throw WireError.invalid("days \(bits) of \(days)")
      }
      row.pointee.days |= UInt64(bits) << UInt64(32 * half)
    }
  }

  private mutating func mergeDays(into aggregates: inout UserAggregates) throws {
    if aggregates.daysAreBits { return }
    let days = range.days
    _ = try readLengths(users.count)
    for index in 0..<users.count {
      for _ in 0..<lengths[index] {
        let day = try reader.varint()
        guard day < days else { throw WireError.invalid("day \(day) of \(days)") }
        aggregates.addDay(user: Int(users[index]), day)
      }
    }
  }

  private mutating func mergePages(into aggregates: inout UserAggregates) throws {
    let count = try reader.items()
    var pages = FlatArray<UInt32>(capacity: count)
    // The names of a window, preceded by the last name of the window before.
    var names = FlatArray<UInt8>(capacity: 4096)
    var ends = FlatArray<Int>(capacity: LookupWindow.size + 1)
    var last = 0..<0
    var firstEnd = 0
    for index in 0..<count {
      let shared = try reader.varint()
      guard shared <= min(last.count, UserBlock.mostShared) else {
        throw WireError.invalid("a page shares \(shared) bytes with one of \(last.count)")
      }
      let rest = try reader.raw(try reader.items())
      let start = names.count
      names.append(again: last.lowerBound..<last.lowerBound + shared)
      names.append(short: rest.assumingMemoryBound(to: UInt8.self), readable: reader.remaining + rest.count)
      last = start..<names.count
      ends.append(names.count)
      guard ends.count == LookupWindow.size || index == count - 1 else { continue }
      var from = firstEnd
      for end in ends.elements {
        window.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(names.elements)[from..<end]))
        from = end
      }
      try window.run(on: &aggregates.pages, into: &pages)
      names.keep(last)
      last = 0..<last.count
      firstEnd = last.count
      ends.truncate(to: 0)
    }
    let total = try readLengths(users.count)
    let width = count <= 1 << 16 ? 2 : 4
    let numbers = try reader.raw(total * width)
    var position = 0
    for index in 0..<users.count {
      let user = Int(users[index])
      for _ in 0..<lengths[index] {
        let number =
          width == 2
          ? Int(UInt16(littleEndian: numbers.loadUnaligned(fromByteOffset: position, as: UInt16.self)))
          : Int(UInt32(littleEndian: numbers.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
        position &+= width
        guard number < count else { throw WireError.invalid("page \(number) of \(count)") }
        aggregates.userPages.append(user, Int(pages[number]))
      }
    }
  }

  private mutating func mergeSessions(into aggregates: inout UserAggregates) throws {
    let count = try readLengths(users.count)
    var owners = FlatArray<UInt32>(capacity: count)
    for index in 0..<users.count {
      for _ in 0..<lengths[index] { owners.append(UInt32(index)) }
    }
    let total = try readLengths(count)
    var names = try reader.raw(total)
    var sessions = FlatArray<UInt32>(capacity: count)
    for index in 0..<count {
      window.append(
        UnsafeRawBufferPointer(rebasing: names[..<lengths[index]]), owner: users[Int(owners[index])])
      names = UnsafeRawBufferPointer(rebasing: names[lengths[index]...])
      if window.isFull { try window.run(on: &aggregates.sessions, into: &sessions) }
    }
    try window.run(on: &aggregates.sessions, into: &sessions)
    for index in 0..<count {
      let span = try span(of: Int(owners[index]))
      aggregates.extendSession(Int(sessions[index]), first: span.first, last: span.last)
    }
  }

  private mutating func mergeIdle(into aggregates: inout UserAggregates) throws {
    _ = try readLengths(users.count)
    for index in 0..<users.count {
      for _ in 0..<lengths[index] {
        let span = try span(of: index)
        aggregates.idle.add(user: Int(users[index]), start: span.first, end: span.last)
      }
    }
  }

  /// Reads `count` lengths of lists whose items take at least a byte each.
  /// - Returns: Their sum.
  private mutating func readLengths(_ count: Int) throws(WireError) -> Int {
    lengths.truncate(to: 0)
    var total = 0
    for _ in 0..<count {
      let length = try reader.items(beside: total)
      total += length
      lengths.append(length)
    }
    return total
  }

  /// A time within the range.
  private mutating func time(since origin: Int64) throws(WireError) -> Int64 {
    let offset = try reader.varint()
    let (time, overflow) = origin.addingReportingOverflow(Int64(offset))
    guard !overflow, time < range.end else { throw .invalid("a time \(offset) ms after \(origin)") }
    return time
  }

  /// A session's first and last event, between those of the user.
  private mutating func span(of user: Int) throws(WireError) -> UserAggregates.Span {
    let first = try time(since: spans[user].first)
    let last = try time(since: first)
    guard last <= spans[user].last else { throw .invalid("a session ends after its user's last event") }
    return UserAggregates.Span(first: first, last: last)
  }
}
