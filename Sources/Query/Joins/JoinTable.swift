import Columns
import Engine
import Shuffle

/// The rows of both sides of a join that share a range of keys. Source 0 is the left side, source 1 the right.
struct JoinTable: MergeTable {
  private static let samples = 4096

  private let join: JoinSource
  private let session: SessionContext
  private let notes: NoteCollector
  private var batches: [[ColumnBatch]] = [[], []]
  private var bytes = 0

  init(_ join: JoinSource, _ session: SessionContext, _ notes: NoteCollector) {
    self.join = join
    self.session = session
    self.notes = notes
  }

  var byteCount: Int { bytes }

  private func fields(_ source: Int) -> [ColumnField] { source == 0 ? join.left : join.right }

  mutating func append(_ block: [UInt8], from source: Int) throws {
    switch try RowBlock(block, fields(source)) {
    case .rows(let batch):
      batches[source].append(batch)
      // The right side's hash table comes on top.
      bytes += batch.byteCount + (source == 1 ? batch.rows * 64 : 0)
    case .note(let note): notes.add(note)
    case nil: break
    }
  }

  /// Joins the rows and passes on the result.
  func run(_ next: any BatchConsumer) throws {
    let right = ColumnBatch.concatenate(batches[1], join.right)
    let consumer = try HashJoin(join, right: right, session, UnfinishedConsumer(next))
    for batch in batches[0] {
      try consumer.consume(batch)
      if consumer.isDone { return }
    }
    try consumer.finish()
  }

  func ranges(_ count: Int) -> KeyRanges? {
    var keys: [[UInt8]] = []
    for source in 0...1 {
      let rows = batches[source].reduce(0) { $0 + $1.rows }
      let step = max(1, rows / JoinTable.samples)
      for batch in batches[source] {
        let sample = batch.gather(stride(from: 0, to: batch.rows, by: step).map { UInt32($0) })
        guard let buffer = try? encoded(sample, source) else { return nil }
        for row in 0..<sample.rows { keys.append(Array(buffer[row])) }
      }
    }
    keys.sort { ByteOrder.compare($0, $1) < 0 }
    return KeyRanges(count, keys: keys.count) { keys[$0] }
  }

  private func encoded(_ batch: ColumnBatch, _ source: Int) throws -> KeyBuffer {
    let keys = source == 0 ? join.leftKeys : join.rightKeys
    let columns = try keys.map { try Evaluator($0, session: session).column(batch) }
    var encoder = KeyEncoder(keys.map { KeyEncoder.Part($0.type) }, isOrdered: false)
    let buffer = KeyBuffer()
    encoder.encode(columns, rows: batch.rows, into: buffer)
    return buffer
  }

  mutating func spill(to files: RangeFiles) throws {
    for source in 0...1 {
      for batch in batches[source] { try write(batch, source, files) }
    }
    batches = [[], []]
    bytes = 0
  }

  /// Rows are cut without being kept.
  mutating func spill(_ block: [UInt8], from source: Int, to files: RangeFiles) throws {
    switch try RowBlock(block, fields(source)) {
    case .rows(let batch): try write(batch, source, files)
    case .note(let note): notes.add(note)
    case nil: break
    }
  }

  private func write(_ batch: ColumnBatch, _ source: Int, _ files: RangeFiles) throws {
    let keys = try encoded(batch, source)
    try files.write(batch, from: source) { keys[$0] }
  }
}

extension RangeFiles {
  /// Writes each row to the file of its key's range; rows of a range stay in order.
  func write(_ batch: ColumnBatch, from source: Int = 0, key: (Int) -> UnsafeRawBufferPointer) throws {
    var rows = [[UInt32]](repeating: [], count: ranges.count)
    for row in 0..<batch.rows { rows[ranges.range(of: key(row))].append(UInt32(row)) }
    for (range, rows) in rows.enumerated() where !rows.isEmpty {
      try append(RowBlock.bytes(batch.gather(rows)), to: range, from: source)
    }
  }
}

/// Passes on batches but not the end: more follow from other tables.
final class UnfinishedConsumer: BatchConsumer {
  private let next: any BatchConsumer

  init(_ next: any BatchConsumer) { self.next = next }

  func consume(_ batch: ColumnBatch) throws { try next.consume(batch) }
  func finish() {}
  var isDone: Bool { next.isDone }
}
