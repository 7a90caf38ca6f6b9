/// Writes blocks of users. Indexes once which items belong to which user, and which users to which part.
struct UserBlockEncoder: ~Copyable {
  private let members: Grouping
  private let days: Grouping
  private let pages: Grouping
  private let sessions: Grouping
  private let idle: Grouping
  private var dayMarks: PairList.Marks
  private var pageMarks: PairList.Marks
  /// Of each page the number that it has in the block, for those in `used`.
  private var pageNumbers: FlatArray<UInt32>
  private var used = FlatArray<UInt32>()
  /// The items of all users of the block, and how many of them each user has.
  private var list = FlatArray<UInt32>()
  private var lengths = FlatArray<UInt32>()

  init(
    _ aggregates: borrowing UserAggregates, parts: Int,
    part: (_ aggregates: borrowing UserAggregates, _ user: Int) -> Int
  ) {
    let users = aggregates.users.count
    members = Grouping(groups: parts, count: users) { part(aggregates, $0) }
    days = aggregates.userDays.grouped(firsts: users)
    pages = aggregates.userPages.grouped(firsts: users)
    sessions = Grouping(groups: users, count: aggregates.sessions.count) { aggregates.sessions.owner($0) }
    idle = Grouping(groups: users, count: aggregates.idle.intervals.count) {
      Int(aggregates.idle.intervals[$0].user)
    }
    dayMarks = aggregates.userDays.marks()
    pageMarks = aggregates.userPages.marks()
    pageNumbers = FlatArray(repeating: UInt32.max, count: aggregates.pages.count)
  }

  /// - Returns: Whether there are users in the part.
  mutating func write(
    _ aggregates: borrowing UserAggregates, _ part: Int, to writer: inout BlockWriter
  ) -> Bool {
    let users = members[part]
    let rows = aggregates.rows.base
    let start = aggregates.range.start
    writer.varint(users.count)
    writer.varints(users) { aggregates.users[$0].count }
    for user in users { writer.raw(aggregates.users[Int(user)]) }
    for count in 0..<UserCount.number { writer.varints(users) { Int(truncatingIfNeeded: rows[$0][count]) } }
    writer.doubles(users) { rows[$0][.purchases] == 0 ? nil : rows[$0].revenue }
    writer.doubles(users) { rows[$0][.dwells] == 0 ? nil : rows[$0].dwell }
    writer.varints(users) { Int(rows[$0].first - start) }
    writer.varints(users) { Int(rows[$0].last - rows[$0].first) }
    writeDays(of: users, aggregates, to: &writer)
    writePages(of: users, aggregates, to: &writer)
    writeSessions(of: users, aggregates, to: &writer)
    return !users.isEmpty
  }

  private mutating func writeDays(
    of users: UnsafeMutableBufferPointer<UInt32>, _ aggregates: borrowing UserAggregates,
    to writer: inout BlockWriter
  ) {
    if aggregates.daysAreBits {
      // Without the first bits, which are zeros: mostly a small number. The last bit would be a sign, so it is one of two halves.
      writer.varints(users) { Int(truncatingIfNeeded: aggregates.rows[$0].days & 0xffff_ffff) }
      writer.varints(users) { Int(truncatingIfNeeded: aggregates.rows[$0].days >> 32) }
      return
    }
    list.truncate(to: 0)
    lengths.truncate(to: 0)
    for user in users {
      let before = list.count
      for day in days[Int(user)] where dayMarks.isNew(Int(day), in: Int(user)) { list.append(day) }
      lengths.append(UInt32(list.count - before))
    }
    writer.varints(lengths.elements) { $0 }
    writer.varints(list.elements) { $0 }
  }

  private mutating func writePages(
    of users: UnsafeMutableBufferPointer<UInt32>, _ aggregates: borrowing UserAggregates,
    to writer: inout BlockWriter
  ) {
    var pairs = 0
    for user in users { pairs &+= pages[Int(user)].count }
    list.reserve(pairs)
    used.reserve(min(pairs, aggregates.pages.count) &+ 1)
    lengths.truncate(to: 0)
    // What is new is hard to predict, so no branch depends on it: what is not is written over by what comes next.
    var listed = 0
    var named = 0
    for user in users {
      let before = listed
      for page in pages[Int(user)] {
        let isNew = pageMarks.isNew(Int(page), in: Int(user))
        let known = pageNumbers[Int(page)]
        let isNamed = known != UInt32.max
        let number = isNamed ? known : UInt32(truncatingIfNeeded: named)
        used.base[named] = page
        named &+= isNamed ? 0 : 1
        pageNumbers[Int(page)] = number
        list.base[listed] = number
        listed &+= isNew ? 1 : 0
      }
      lengths.append(UInt32(truncatingIfNeeded: listed &- before))
    }
    list.setCount(listed)
    used.setCount(named)
    writer.varint(used.count)
    var last = UnsafeRawBufferPointer(start: nil, count: 0)
    for page in used.elements {
      let name = aggregates.pages[Int(page)]
      let shared = UserBlockEncoder.shared(last, name)
      writer.varint(shared)
      writer.varint(name.count - shared)
      writer.raw(UnsafeRawBufferPointer(rebasing: name[shared...]))
      last = name
      pageNumbers[Int(page)] = UInt32.max
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
    of users: UnsafeMutableBufferPointer<UInt32>, _ aggregates: borrowing UserAggregates,
    to writer: inout BlockWriter
  ) {
    writer.varints(users) { sessions[$0].count }
    for user in users { writer.varints(sessions[Int(user)]) { aggregates.sessions[$0].count } }
    for user in users {
      for session in sessions[Int(user)] { writer.raw(aggregates.sessions[Int(session)]) }
    }
    for user in users {
      let first = aggregates.rows[Int(user)].first
      for session in sessions[Int(user)] {
        let span = aggregates.spans[Int(session)]
        writer.varint(Int(span.first - first))
        writer.varint(Int(span.last - span.first))
      }
    }
    writer.varints(users) { idle[$0].count }
    for user in users {
      let first = aggregates.rows[Int(user)].first
      for index in idle[Int(user)] {
        let interval = aggregates.idle.intervals[Int(index)]
        writer.varint(Int(interval.start - first))
        writer.varint(Int(interval.end - interval.start))
      }
    }
  }
}
