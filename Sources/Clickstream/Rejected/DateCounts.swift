import Basics

/// Events by date, for an error that names the dates of an input.
struct DateCounts: Hashable, Sendable, WireCodable {
  /// The most dates that are counted one by one.
  private static let most = 1000
  private static let shown = 3

  /// The first and the last date, in days since 1970-01-01.
  private(set) var first = Int.max
  private(set) var last = Int.min
  private var counts: [Int: Int] = [:]
  /// The date of the latest events, and how many of them `counts` does not have yet.
  private var latest = 0
  private var pending = 0

  init() {}

  init(from reader: inout ByteReader) throws(WireError) {
    for _ in 0..<(try reader.count()) {
      let day = try DateCounts.day(&reader)
      add(day, try reader.count())
    }
    guard !counts.isEmpty else { return }
    first = min(first, try DateCounts.day(&reader))
    last = max(last, try DateCounts.day(&reader))
  }

  func encode(to writer: inout ByteWriter) {
    let all = sorted
    writer.count(all.count)
    for (day, count) in all {
      writer.signed(Int64(day))
      writer.count(count)
    }
    guard let first = all.first, let last = all.last else { return }
    writer.signed(Int64(min(self.first, first.day)))
    writer.signed(Int64(max(self.last, last.day)))
  }

  private static func day(_ reader: inout ByteReader) throws(WireError) -> Int {
    let day = try reader.signed()
    // Timestamps of 64 bits reach no further.
    guard day.magnitude < 1 << 37 else { throw .invalid("day \(day)") }
    return Int(day)
  }

  static func == (a: DateCounts, b: DateCounts) -> Bool {
    a.all == b.all
  }

  func hash(into hasher: inout Hasher) { hasher.combine(all) }

  @inline(__always)
  mutating func add(_ day: Int) {
    if day != latest {
      add(latest, pending)
      latest = day
      pending = 0
    }
    pending += 1
  }

  mutating func append(_ other: DateCounts) {
    for (day, count) in other.all { add(day, count) }
    first = min(first, other.first)
    last = max(last, other.last)
  }

  private mutating func add(_ day: Int, _ count: Int) {
    guard count > 0 else { return }
    first = min(first, day)
    last = max(last, day)
    if counts[day] != nil || counts.count < DateCounts.most { counts[day, default: 0] &+= count }
  }

  private var all: [Int: Int] {
    var copy = self
    copy.add(latest, pending)
    return copy.counts
  }

  private var sorted: [(day: Int, count: Int)] {
    all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// `2025-04-01 (952 events), 2025-04-02 (1,003), … 2025-04-21 (870)`; nil if there are no events.
  var text: String? {
    var counted = self
    counted.add(latest, pending)
    guard counted.first <= counted.last else { return nil }
    let all = counted.sorted
    func item(_ day: Int) -> String {
      CivilDate.text(day) + (counted.counts[day].map { " (\(Quantity.count($0)))" } ?? "")
    }
    var items = all.prefix(DateCounts.shown).map { item($0.day) }
    let isLong = all.count > DateCounts.shown + 1 || all.last?.day != counted.last
    if isLong { items.append("…") }
    if all.count > DateCounts.shown || isLong { items.append(item(counted.last)) }
    return items.joined(separator: ", ")
  }
}
