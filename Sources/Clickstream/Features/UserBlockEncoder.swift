/// Writes blocks of users. Users get places in the order of the blocks, and what belongs to them is sorted by these places once, so
/// that memory is gone through from one end to the other.
struct UserBlockEncoder: ~Copyable {
  /// Rows that memory has room for on their way.
  private static let ahead = 8

  private let members: Grouping
  private let days: Grouping
  private let pages: Grouping
  private let sessions: Grouping
  private let idle: Grouping
  private var dayMarks: PairList.Marks
  private var pageStates: FlatArray<PageState>
  private var used = FlatArray<UInt32>()
  /// The items of all users of the block, and how many of them each user has.
  private var list = FlatArray<UInt32>()
  private var lengths = FlatArray<UInt32>()

  struct PageState: BitwiseCopyable {
    /// The place, plus one, of the user that had it last.
    var mark: UInt32
    /// The number of the page in the block of that user.
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
    let places = UserBlockEncoder.places(of: members[0..<parts])
    days = aggregates.userDays.grouped(by: places)
    pages = aggregates.userPages.grouped(by: places)
    sessions = Grouping(groups: users, count: aggregates.sessions.count) {
      (Int(places[aggregates.sessions.owner($0)]), UInt32(truncatingIfNeeded: $0))
    }
    idle = Grouping(groups: users, count: aggregates.idle.intervals.count) {
      (Int(places[Int(aggregates.idle.intervals[$0].user)]), UInt32(truncatingIfNeeded: $0))
    }
    dayMarks = aggregates.userDays.marks()
    pageStates = FlatArray(repeating: PageState(mark: 0, number: 0), count: aggregates.pages.count)
  }

  /// Of each user its place in an order of all users.
  private static func places(of order: UnsafeMutableBufferPointer<UInt32>) -> FlatArray<UInt32> {
    var places = FlatArray<UInt32>(repeating: 0, count: order.count)
    for (place, user) in order.enumerated() { places[Int(user)] = UInt32(truncatingIfNeeded: place) }
    return places
  }

  /// - Returns: Whether there are users in the part.
  mutating func write(
    _ aggregates: borrowing UserAggregates, _ part: Int, to writer: inout BlockWriter
  ) -> Bool {
    let users = members[part]
    let places = members.start(part)..<members.start(part + 1)
    let rows = aggregates.rows.base
    writer.varint(users.count)
    writer.varints(users) { aggregates.users.length($0) }
    writer.strings(users, of: aggregates.users)
    for (index, user) in users.enumerated() {
      aggregates.prefetchRow(Int(users[min(index &+ UserBlockEncoder.ahead, users.count &- 1)]))
      writer.row(rows + Int(user), since: aggregates.range.start, daysAreBits: aggregates.daysAreBits)
    }
    if !aggregates.daysAreBits { writeDays(places, to: &writer) }
    writePages(places, aggregates, to: &writer)
    writeSessions(of: users, places, aggregates, to: &writer)
    return !users.isEmpty
  }

  private mutating func writeDays(_ places: Range<Int>, to writer: inout BlockWriter) {
    list.truncate(to: 0)
    lengths.truncate(to: 0)
    for place in places {
      let before = list.count
      for day in days[place] where dayMarks.isNew(Int(day), in: place) { list.append(day) }
      lengths.append(UInt32(list.count - before))
    }
    writer.varints(lengths.elements) { $0 }
    writer.varints(list.elements) { $0 }
  }

  private mutating func writePages(
    _ places: Range<Int>, _ aggregates: borrowing UserAggregates, to writer: inout BlockWriter
  ) {
    let pairs = pages[places].count
    list.reserve(pairs)
    used.reserve(min(pairs, aggregates.pages.count) &+ 1)
    lengths.reserve(places.count)
    // What is new is hard to predict, so no branch depends on it: what is not is written over by what comes next.
    var listed = 0
    var named = 0
    // Marks up to this one are of earlier blocks.
    let earlier = UInt32(truncatingIfNeeded: places.lowerBound)
    for place in places {
      let before = listed
      let mark = UInt32(truncatingIfNeeded: place &+ 1)
      for page in pages[place] {
        let state = pageStates[Int(page)]
        // All ones where the page has a number in the block.
        let known = UInt32(truncatingIfNeeded: (Int(earlier) &- Int(state.mark)) >> 63)
        let next = UInt32(truncatingIfNeeded: named)
        let number = next ^ ((next ^ state.number) & known)
        used.base[named] = page
        named &+= Int(1 &+ known)
        pageStates[Int(page)] = PageState(mark: mark, number: number)
        list.base[listed] = number
        listed &+= state.mark == mark ? 0 : 1
      }
      lengths.base[place &- places.lowerBound] = UInt32(truncatingIfNeeded: listed &- before)
    }
    list.setCount(listed)
    used.setCount(named)
    lengths.setCount(places.count)
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

  /// Bytes that two strings begin with, as far as a block leaves them out.
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
    of users: UnsafeMutableBufferPointer<UInt32>, _ places: Range<Int>,
    _ aggregates: borrowing UserAggregates, to writer: inout BlockWriter
  ) {
    let all = sessions[places]
    writer.varints(places) { sessions[$0].count }
    writer.varints(all) { aggregates.sessions.length($0) }
    writer.strings(all, of: aggregates.sessions)
    for (user, place) in zip(users, places) {
      let first = aggregates.rows[Int(user)].first
      for session in sessions[place] {
        let span = aggregates.spans[Int(session)]
        writer.varint(Int(span.first - first))
        writer.varint(Int(span.last - span.first))
      }
    }
    writer.varints(places) { idle[$0].count }
    for (user, place) in zip(users, places) where !idle[place].isEmpty {
      let first = aggregates.rows[Int(user)].first
      for index in idle[place] {
        let interval = aggregates.idle.intervals[Int(index)]
        writer.varint(Int(interval.start - first))
        writer.varint(Int(interval.end - interval.start))
      }
    }
  }
}
