import Storage

/// Lines and records of a file before a split, for the columns `_line` and `_row`.
struct RecordPosition: Hashable, Sendable {
  var lines = 0
  var records = 0

  /// Counts what comes before the split: reads the file up to it. The first split of a file needs no reading.
  static func before(
    _ split: FileTableSplit, _ options: FileTableOptions, _ reader: any ObjectReader,
    _ format: any RecordFormat.Type
  ) throws -> RecordPosition {
    guard split.split.range.lowerBound > 0 else { return RecordPosition() }
    var earlier = split
    earlier.split.range = 0..<split.split.range.lowerBound
    var counted = RejectedRecords(cap: 0)
    try format.read(
      RecordRequest(split: earlier, columns: [], options: options), reader, rejected: &counted
    ) { _ in }
    return RecordPosition(lines: counted.lines, records: counted.read)
  }
}
