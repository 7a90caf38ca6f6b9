import Basics
import Clickstream
import Formats
import Storage
import Wire

extension FuzzTarget {
  /// Shuffle blocks of user aggregates.
  static let userBlocks = FuzzTarget("user-blocks") {
    var aggregates = try empty()
    let lines = (0..<12).map { index in
      #"{"event_type":"\#(["click", "purchase", "x"][index % 3])","timestamp":\#(day * 20_000 + Int64(index) * 4_000_000)"#
        + #","user_id":"u\#(index % 4)","page_url":"/\#(index % 5)","price":2.5,"duration_ms":7"#
        + (index % 2 == 0 ? #","session_id":"s\#(index % 3)"}"# : #","device":"mobile"}"#)
    }
    var scanner = try EventScanner()
    try Array(lines.joined(separator: "\n").utf8).withUnsafeBytes { bytes throws in
      var rest = bytes
      while !rest.isEmpty {
        try aggregates.add(UnsafeBufferPointer(try scanner.scan(&rest)))
      }
    }
    var tally = ScanTally(cap: 1)
    tally.add(read: 13, lines: 14)
    tally.reject(.malformed) {
      RejectedLine(file: "f", number: $0 + 3, offset: 7, reason: .malformed, line: [0x7b])
    }
    var blocks: [[UInt8]] = []
    try UserBlock.encode(&aggregates, tally: tally, partitions: 2) { block, _ in blocks.append(block) }
    return blocks
  } check: { given in
    guard let rows = try merged([given]) else { return }
    guard try merged([given, given]) != nil else {
      throw Finding("a block that is taken once is refused twice")
    }
    // Reduce tasks spill ranges in the same form.
    var aggregates = try empty()
    _ = try UserBlockDecoder.merge(given, into: &aggregates)
    var again: [[UInt8]] = []
    try UserBlock.encode(&aggregates, tally: nil, partitions: 1) { block, _ in again.append(block) }
    try require(try merged(again) == rows, "a block is another one after it was merged and encoded")
  }

  private static let day = ISO8601.millisecondsPerDay

  private static func empty() throws -> UserAggregates {
    guard let range = TimeRange(start: 20_000 * day, end: 20_003 * day) else {
      throw Finding("no such range")
    }
    return UserAggregates(range: range, sessionGap: 1_800_000)
  }

  /// Returns the merged table of some blocks, with numbers as bits, or nil if a block is invalid.
  private static func merged(_ blocks: [[UInt8]]) throws -> [[UInt8]]? {
    var aggregates = try empty()
    do {
      for block in blocks { _ = try UserBlockDecoder.merge(block, into: &aggregates) }
    } catch is WireError {
      return nil
    } catch is CodecError {
      return nil
    } catch is TaskFailure {
      return nil
    }
    let table = FeatureTable(aggregates)
    return table.batch(0..<table.rows).columns.map { column in
      switch column.values {
      case .bytes(let values): values.bytes + [UInt8](repeating: 0xff, count: values.count)
      case .double(let values): values.withUnsafeBytes { Array($0) }
      case .int64(let values): values.withUnsafeBytes { Array($0) }
      default: []
      }
    }
  }
}
