import Columns
import Shuffle

/// The rows of a sort that lie in a range of keys.
struct SortTable: MergeTable {
  private static let samples = 4096
  private static let batchRows = 1 << 13

  private let fields: [ColumnField]
  private let sorter: RowSorter
  private let notes: NoteCollector
  private var batches: [ColumnBatch] = []
  private var bytes = 0

  init(_ source: SortSource, _ session: SessionContext, _ notes: NoteCollector) throws {
    fields = source.fields
    sorter = try RowSorter(source.keys, session)
    self.notes = notes
  }

  /// Sorting needs the rows twice, and their keys.
  var byteCount: Int { bytes * 3 }

  mutating func append(_ block: [UInt8], from source: Int) throws {
    switch try RowBlock(block, fields) {
    case .rows(let batch):
      batches.append(batch)
      bytes += batch.byteCount
    case .note(let note): notes.add(note)
    case nil: break
    }
  }

  /// Passes on the rows in order.
  func run(_ next: any BatchConsumer) throws {
    let all = ColumnBatch.concatenate(batches, fields)
    let order = try sorter.order(all)
    for start in stride(from: 0, to: order.count, by: SortTable.batchRows) {
      try next.consume(all.gather(Array(order[start..<min(start + SortTable.batchRows, order.count)])))
      if next.isDone { return }
    }
  }

  func ranges(_ count: Int) -> KeyRanges? {
    let rows = batches.reduce(0) { $0 + $1.rows }
    let step = max(1, rows / SortTable.samples)
    var keys: [[UInt8]] = []
    let buffer = KeyBuffer()
    for batch in batches {
      let sample = batch.gather(stride(from: 0, to: batch.rows, by: step).map { UInt32($0) })
      guard (try? sorter.encode(sample, into: buffer)) != nil else { return nil }
      for row in 0..<sample.rows { keys.append(Array(buffer[row])) }
    }
    keys.sort { ByteOrder.compare($0, $1) < 0 }
    return KeyRanges(count, keys: keys.count) { keys[$0] }
  }

  mutating func spill(to files: RangeFiles) throws {
    for batch in batches { try write(batch, files) }
    batches = []
    bytes = 0
  }

  /// Rows are cut without being kept.
  mutating func spill(_ block: [UInt8], from source: Int, to files: RangeFiles) throws {
    switch try RowBlock(block, fields) {
    case .rows(let batch): try write(batch, files)
    case .note(let note): notes.add(note)
    case nil: break
    }
  }

  private func write(_ batch: ColumnBatch, _ files: RangeFiles) throws {
    let buffer = KeyBuffer()
    try sorter.encode(batch, into: buffer)
    try files.write(batch) { buffer[$0] }
  }
}
