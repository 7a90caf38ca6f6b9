import Columns
import Shuffle

/// Writes blocks of users. Users get positions in block order, and everything that belongs to them is sorted by position once, so
/// that memory is read from one end to the other.
struct UserBlockEncoder: ~Copyable {
  /// Rows to prefetch ahead.
  private static let ahead = 8

  private let members: Grouping
  private let days: Grouping
  private let pages: Grouping
  private let sessions: Grouping
  private let idle: Grouping
  private var dayMarks: PairList.Marks
  private var pageStates: FlatArray<PageState>
  private var used = FlatArray<UInt32>()
  /// The items of all users of the block, and each user's number of items.
  private var list = FlatArray<UInt32>()
  private var lengths = FlatArray<UInt32>()

  struct PageState: BitwiseCopyable {
    /// Position, plus one, of the last user who saw it.
    var mark: UInt32
    /// The page's number in that user's block.
    var number: UInt32
  }

  init(
    _ aggregates: borrowing UserAggregates, parts: Int,
    part: (_ aggregates: borrowing UserAggregates, _ user: Int) -> Int
  ) {
    let users = aggregates.users.count
    members = Grouping(groups: parts, count: users) {
      (part(aggregates, $0), UInt32(truncatingIfNeeded: $0))
    }
    let positions = UserBlockEncoder.positions(in: members[0..<parts])
    days = aggregates.userDays.grouped(by: positions)
    pages = aggregates.userPages.grouped(by: positions)
    sessions = Grouping(groups: users, count: aggregates.sessions.count) {
      (Int(positions[aggregates.sessions.owner($0)]), UInt32(truncatingIfNeeded: $0))
    }
    idle = Grouping(groups: users, count: aggregates.idle.intervals.count) {
      (Int(positions[Int(aggregates.idle.intervals[$0].user)]), UInt32(truncatingIfNeeded: $0))
    }
    dayMarks = aggregates.userDays.marks()
    pageStates = FlatArray(repeating: PageState(mark: 0, number: 0), count: aggregates.pages.count)
  }

  /// Each user's position in an order of all users.
  private static func positions(in order: UnsafeMutableBufferPointer<UInt32>) -> FlatArray<UInt32> {
    var positions = FlatArray<UInt32>(repeating: 0, count: order.count)
    for (position, user) in order.enumerated() { positions[Int(user)] = UInt32(truncatingIfNeeded: position) }
    return positions
  }

  /// - Returns: Whether there are users in the part.
  mutating func write(
    _ aggregates: borrowing UserAggregates, _ part: Int, to writer: inout BlockWriter
  ) -> Bool {
    let users = members[part]
    let positions = members.start(part)..<members.start(part + 1)
    let rows = aggregates.rows.base
    writer.varint(users.count)
    writer.varints(users) { aggregates.users.length($0) }
    writer.keys(users, of: aggregates.users)
    for (index, user) in users.enumerated() {
      aggregates.prefetchRow(Int(users[min(index &+ UserBlockEncoder.ahead, users.count &- 1)]))
      writer.row(rows + Int(user), since: aggregates.range.start, daysAreBits: aggregates.daysAreBits)
    }
    if !aggregates.daysAreBits { writeDays(positions, to: &writer) }
    writePages(positions, aggregates, to: &writer)
    writeSessions(of: users, positions, aggregates, to: &writer)
    return !users.isEmpty
  }

  private mutating func writeDays(_ positions: Range<Int>, to writer: inout BlockWriter) {
    list.truncate(to: 0)
    lengths.truncate(to: 0)
    for position in positions {
      let before = list.count
      for day in days[position] where dayMarks.isNew(Int(day), in: position) { list.append(day) }
      lengths.append(UInt32(list.count - before))
    }
    writer.varints(lengths.elements) { $0 }
    writer.varints(list.elements) { $0 }
  }

  private mutating func writePages(
    _ positions: Range<Int>, _ aggregates: borrowing UserAggregates, to writer: inout BlockWriter
  ) {
    let pairs = pages[positions].count
    list.reserve(pairs)
    used.reserve(min(pairs, aggregates.pages.count) &+ 1)
    lengths.reserve(positions.count)
    // Whether an item is new is hard to predict, so no branch depends on it: if not, the next item overwrites it.
    var listed = 0
    var named = 0
    // Marks up to this one are from earlier blocks.
    let earlier = UInt32(truncatingIfNeeded: positions.lowerBound)
    for position in positions {
      let before = listed
      let mark = UInt32(truncatingIfNeeded: position &+ 1)
      for page in pages[position] {
        let state = pageStates[Int(page)]
        // All ones if the page already has a number in this block.
        let known = UInt32(truncatingIfNeeded: (Int(earlier) &- Int(state.mark)) >> 63)
        let next = UInt32(truncatingIfNeeded: named)
        let number = next ^ ((next ^ state.number) & known)
        used.base[named] = page
        named &+= Int(1 &+ known)
        pageStates[Int(page)] = PageState(mark: mark, number: number)
        list.base[listed] = number
        listed &+= state.mark == mark ? 0 : 1
      }
      lengths.base[position &- positions.lowerBound] = UInt32(truncatingIfNeeded: listed &- before)
    }
    list.setCount(listed)
    used.setCount(named)
    lengths.setCount(positions.count)
    writer.varint(used.count)
    var former = UnsafeRawBufferPointer(start: nil, count: 0)
    for (index, page) in used.elements.enumerated() {
      let last = used.count &- 1
      aggregates.pages.prefetchEntry(Int(used[min(index &+ 2 &* UserBlockEncoder.ahead, last)]))
      aggregates.pages.prefetchText(Int(used[min(index &+ UserBlockEncoder.ahead, last)]))
      let name = aggregates.pages[Int(page)]
      let shared = UserBlockEncoder.shared(former, name)
      writer.name(name, shared: shared)
      former = name
    }
    writer.varints(lengths.elements) { $0 }
    writer.numbers(list.elements, below: used.count)
  }

  /// Length of the common prefix, as far as a block may leave it out.
  private static func shared(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let most = min(a.count, b.count, UserBlock.mostShared)
    var count = 0
    while count &+ 8 <= most {
      let difference =
        a.loadUnaligned(fromByteOffset: count, as: UInt64.self)
        ^ b.loadUnaligned(fromByteOffset: count, as: UInt64.self)
      if difference != 0 { return count &+ UInt64(littleEndian: difference).trailingZeroBitCount / 8 }
      count &+= 8
    }
    while count < most, a[count] == b[count] { count &+= 1 }
    return count
  }

  private func writeSessions(
    of users: UnsafeMutableBufferPointer<UInt32>, _ positions: Range<Int>,
    _ aggregates: borrowing UserAggregates, to writer: inout BlockWriter
  ) {
    let all = sessions[positions]
    writer.varints(positions) { sessions[$0].count }
    writer.varints(all) { aggregates.sessions.length($0) }
    writer.keys(all, of: aggregates.sessions)
    for (user, position) in zip(users, positions) {
      let first = aggregates.rows[Int(user)].first
      for session in sessions[position] {
        let span = aggregates.spans[Int(session)]
        writer.varint(Int(span.first - first))
        writer.varint(Int(span.last - span.first))
      }
    }
    writer.varints(positions) { idle[$0].count }
    for (user, position) in zip(users, positions) where !idle[position].isEmpty {
      let first = aggregates.rows[Int(user)].first
      for index in idle[position] {
        let interval = aggregates.idle.intervals[Int(index)]
        writer.varint(Int(interval.start - first))
        writer.varint(Int(interval.end - interval.start))
      }
    }
  }
}
