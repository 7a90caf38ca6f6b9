import Basics
import CSimdJSON
import Clickstream
import Columns
import TestSupport
import Testing

private let day = ISO8601.millisecondsPerDay
private let range = TimeRange(start: 20_179 * day, end: 20_182 * day)!
private let gap: Int64 = 1_800_000

/// Random events, with sums that are exact however they are grouped.
private func events(_ count: Int, seed: UInt64) -> String {
  var random = SeededRandom(state: seed)
  var text = ""
  for _ in 0..<count {
    let user = UInt64(Double(random.next() % 1_000_000).squareRoot()) % 300
    text +=
      #"{"event_type":"\#(["click", "purchase", "page_view", "x"][Int(random.next() % 4)])","user_id":"user \#(user)""#
    text += #","timestamp":\#(range.start + Int64(random.next() % UInt64(range.end - range.start)))"#
    if random.next() % 2 == 0 { text += #","session_id":"s\#(random.next() % 4)""# }
    if random.next() % 3 > 0 { text += #","page_url":"/\#(random.next() % 50)""# }
    text += #","price":\#(random.next() % 100).5,"duration_ms":\#(random.next() % 1000)}"# + "\n"
  }
  return text
}

/// - Parameter window: Events that are added at once.
private func aggregate(_ text: String, into aggregates: inout UserAggregates, window: Int = .max) throws {
  var scanner = try EventScanner()
  try Array(text.utf8).withUnsafeBytes { bytes throws in
    var rest = bytes
    while !rest.isEmpty {
      var events = UnsafeBufferPointer(try scanner.scan(&rest))
      #expect(events.allSatisfy { $0.reason == 0 })
      while !events.isEmpty {
        let next = events.prefix(window)
        try aggregates.add(UnsafeBufferPointer(rebasing: next))
        events = UnsafeBufferPointer(rebasing: events[next.endIndex...])
      }
    }
  }
}

private func blocks(_ text: String, partitions: Int, tally: ScanTally = ScanTally(cap: 3)) throws -> [[UInt8]]
{
  var aggregates = UserAggregates(range: range, sessionGap: gap)
  try aggregate(text, into: &aggregates)
  var blocks = [[UInt8]](repeating: [], count: partitions)
  try UserBlock.encode(&aggregates, tally: tally, partitions: partitions) { blocks[$1] = $0 }
  return blocks
}

private func table(_ blocks: [[UInt8]]) throws -> ColumnBatch {
  var merged = UserAggregates(range: range, sessionGap: gap)
  for block in blocks { _ = try UserBlockDecoder.merge(block, into: &merged) }
  let table = FeatureTable(merged)
  return table.batch(0..<table.rows)
}

@Suite struct FeaturesBlockTests {
  @Test func partsMergeToTheWhole() throws {
    let parts = (0..<5).map { events([700, 0, 1, 900, 50][$0], seed: UInt64($0)) }
    var whole = UserAggregates(range: range, sessionGap: gap)
    for part in parts { try aggregate(part, into: &whole) }
    let finished = FeatureTable(whole)
    let expected = finished.batch(0..<finished.rows)
    #expect(expected.rows > 200)
    #expect(try table(parts.map { try blocks($0, partitions: 1)[0] }) == expected)
    #expect(try table(parts.reversed().map { try blocks($0, partitions: 1)[0] }) == expected)

    // More partitions: the same rows, elsewhere.
    let cut = try parts.map { try blocks($0, partitions: 7) }
    var rows: [String: [Int64]] = [:]
    for partition in 0..<7 {
      let batch = try table(cut.map { $0[partition] })
      #expect(batch.rows > 0)
      for (id, values) in keyed(batch) { #expect(rows.updateValue(values, forKey: id) == nil) }
    }
    #expect(rows == keyed(expected))
  }

  private func keyed(_ batch: ColumnBatch) -> [String: [Int64]] {
    guard case .bytes(let ids) = batch.columns[0].values else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: (0..<batch.rows).map { row in
        (
          ids[row],
          batch.columns.dropFirst().map {
            switch $0.values {
            case .int64(let values): values[row]
            case .double(let values): Int64(bitPattern: values[row].bitPattern)
            default: -1
            }
          }
        )
      })
  }

  @Test func rowsAreInTheOrderOfTheirBytes() throws {
    let batch = try table([try blocks(events(2000, seed: 3), partitions: 1)[0]])
    guard case .bytes(let ids) = batch.columns[0].values else { return #expect(Bool(false)) }
    let found = (0..<batch.rows).map { Array(ids[$0].utf8) }
    #expect(found == found.sorted { $0.lexicographicallyPrecedes($1) } && Set(found).count == found.count)
  }

  @Test func theTallyTravelsWithPartitionZero() throws {
    var tally = ScanTally(cap: 2)
    tally.add(read: 10, lines: 12)
    for index in 0..<3 {
      tally.reject(.badTimestamp) {
        RejectedLine(
          file: "f", number: $0 + index, offset: Int64(index), reason: .badTimestamp,
          line: [0x22, 0xff, 0x0a])
      }
    }
    let made = try blocks("", partitions: 3, tally: tally)
    #expect(made[1].isEmpty && made[2].isEmpty)
    var merged = UserAggregates(range: range, sessionGap: gap)
    let found = try #require(try UserBlockDecoder.merge(made[0], into: &merged))
    #expect(found == tally && found.lines.count == 2 && found.rejected.total == 3)
    #expect(
      found.lines[1].json
        == "{\"file\":\"f\",\"lineNumber\":13,\"offset\":1,\"reason\":\"bad timestamp\",\"line\":\"\\\"\u{fffd}\"}\n"
    )
  }

  /// Looking events up side by side is the same as one after the other.
  @Test(arguments: [1, 31, 33]) func eventsAddUpTheSameInAnyWindow(_ window: Int) throws {
    let text = events(2000, seed: 21)
    var whole = UserAggregates(range: range, sessionGap: gap)
    try aggregate(text, into: &whole)
    var parts = UserAggregates(range: range, sessionGap: gap)
    try aggregate(text, into: &parts, window: window)
    var found: [[UInt8]] = []
    try UserBlock.encode(&whole, tally: nil, partitions: 2) { block, _ in found.append(block) }
    try UserBlock.encode(&parts, tally: nil, partitions: 2) { block, _ in found.append(block) }
    #expect(found.count == 4 && found[0] == found[2] && found[1] == found[3])
  }

  /// Days are bits in short ranges and lists in long ones.
  @Test(arguments: [1, 64, 65, 3000]) func daysInRangesOfAnyLength(_ days: Int64) throws {
    let range = try #require(TimeRange(start: range.start, end: range.start + days * day))
    var random = SeededRandom(state: UInt64(days))
    var expected = [Set<Int64>](repeating: [], count: 7)
    var parts = ["", ""]
    for index in 0..<3000 {
      let user = Int(random.next() % 7)
      let time = Int64(random.next() % UInt64(days * day)) / Int64(user + 1)
      expected[user].insert(time / day)
      let milliseconds = range.start + time
      parts[index % 2] += #"{"event_type":"x","user_id":"\#(user)","timestamp":\#(milliseconds)}"# + "\n"
    }
    var merged = UserAggregates(range: range, sessionGap: gap)
    for part in parts {
      var aggregates = UserAggregates(range: range, sessionGap: gap)
      try aggregate(part, into: &aggregates)
      try UserBlock.encode(&aggregates, tally: nil, partitions: 1) { block, _ in
        _ = try UserBlockDecoder.merge(block, into: &merged)
      }
    }
    let table = FeatureTable(merged)
    let batch = table.batch(0..<table.rows)
    let column = try #require(batch.fields.firstIndex { $0.name == "active_days" })
    #expect(batch.columns[column].values == .int64(expected.map { Int64($0.count) }))
  }

  @Test func tornBlocksThrow() throws {
    let good = try blocks(events(60, seed: 1), partitions: 1)[0]
    #expect(try table([good]).rows > 20)
    for length in 1..<good.count { #expect(throws: (any Error).self) { try table([Array(good[..<length])]) } }
    #expect(throws: (any Error).self) { try table([good + [0]]) }
  }

  /// Whatever a block says, it is merged or refused.
  @Test func hostileBlocksDoNotCrash() throws {
    let good = try blocks(events(40, seed: 2), partitions: 1)[0]
    var random = SeededRandom(state: 77)
    var refused = 0
    for round in 0..<4000 {
      var contents = good
      for _ in 0...(round % 4) {
        let position = Int.random(in: 0..<contents.count, using: &random)
        switch random.next() % 3 {
        case 0: contents[position] = UInt8(truncatingIfNeeded: random.next())
        case 1:
          contents.replaceSubrange(position..<position, with: [UInt8](repeating: 0xff, count: 8) + [0x7f])
        default:
          contents.replaceSubrange(
            position..<position + 1, with: [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f])
        }
      }
      do {
        _ = try table([contents, good])
      } catch {
        refused += 1
      }
    }
    #expect(refused > 2000 && refused < 4000)
  }
}
