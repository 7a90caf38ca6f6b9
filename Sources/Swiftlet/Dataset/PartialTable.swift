import Basics
import Engine
import Shuffle

/// Partial results by key. A class, because the results are updated in place, never copied.
final class PartialTable<Input, Partial: Record, Result>: MergeTable {
  private let aggregation: Aggregation<Input, Partial, Result>
  private let task: StageTask
  private(set) var keys = KeyTable()
  private(set) var partials: [Partial] = []
  private var sizes = HeapSizes<Partial>()
  private let form = OrderedBytes()

  init(_ aggregation: Aggregation<Input, Partial, Result>, _ task: StageTask) {
    self.aggregation = aggregation
    self.task = task
  }

  /// Memory use in bytes: depends only on what was added, in order.
  var byteCount: Int { keys.byteCount + partials.capacity * MemoryLayout<Partial>.stride + sizes.total }

  func add(_ input: Input, key: UnsafeRawBufferPointer) throws {
    let index = try keys.intern(key)
    if index == partials.count { partials.append(aggregation.start()) }
    try aggregation.add(&partials[index], input)
    if !HeapSizes<Partial>.areZero { try sizes.update(index, partials[index]) }
  }

  func append(_ block: [UInt8], from source: Int) throws {
    try block.withUnsafeBytes { bytes in
      try RowCoding.forEachRow(bytes) { key, value in
        try task.step()
        try merge(
          RecordBytes.decode(row: .init(rebasing: bytes[value])), key: .init(rebasing: bytes[key]))
      }
    }
  }

  private func merge(_ partial: Partial, key: UnsafeRawBufferPointer) throws {
    let index = try keys.intern(key)
    if index == partials.count {
      partials.append(partial)
    } else {
      try aggregation.merge(&partials[index], partial)
    }
    if !HeapSizes<Partial>.areZero { try sizes.update(index, partials[index], adding: partial) }
  }

  /// Calls `body` with the encoded key and partial result of each entry, in order of first appearance.
  func forEachRow(
    _ body: (_ index: Int, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
  ) throws {
    for index in partials.indices {
      form.removeAll()
      try form.put(partials[index])
      try form.bytes.withUnsafeBytes { try body(index, keys[index], $0) }
    }
  }

  /// Calls `body` with the finished results in key order.
  func forEachResult<Key: Record>(_ body: (Keyed<Key, Result>) throws -> Void) throws where Result: Record {
    let order = keys.sorted()
    for entry in 0..<order.count {
      let index = Int(order[entry])
      try body(
        Keyed(
          key: RecordBytes.decode(row: keys[index]), value: aggregation.finish(partials[index])))
    }
  }

  /// Writes everything to the shuffle and resets the table.
  func emit(to rows: inout RowWriter) throws {
    try forEachRow { index, key, value in
      let partition = HashPartition.of(keys.hash(index), partitions: rows.partitions)
      try rows.append(key: key, value: value, to: partition)
    }
    removeAll()
  }

  func ranges(_ count: Int) -> KeyRanges? {
    let order = keys.sorted()
    return KeyRanges(count, keys: order.count) { Array(keys[Int(order[$0])]) }
  }

  func spill(to files: RangeFiles) throws {
    try forEachRow { _, key, value in try files.append(key: key, value: value) }
    removeAll()
  }

  /// Splits rows without decoding them.
  func spill(_ block: [UInt8], from source: Int, to files: RangeFiles) throws {
    try block.withUnsafeBytes { try files.append(rows: $0, from: source) }
  }

  /// Starts with fresh memory: memory reserved by an earlier run must not count for the next.
  private func removeAll() {
    keys = KeyTable()
    partials = []
    sizes = HeapSizes()
  }
}

/// Heap memory of the partial results in a table. Each result is measured whenever its number of updates has doubled; in
/// between it is assumed to grow evenly. So measuring is cheap, and a result that keeps much of each record still counts in
/// full.
struct HeapSizes<Partial: Record> {
  private struct Entry {
    var bytes = 0
    var bytesPerUpdate = 0
    var updates = 0
  }

  /// Whether values of the type never use heap memory, as is true of numbers.
  static var areZero: Bool { _isPOD(Partial.self) }

  private(set) var total = 0
  private var entries: [Entry] = []

  /// - Parameter other: The partial result that was merged into this one, if any.
  mutating func update(_ index: Int, _ partial: Partial, adding other: Partial? = nil) throws {
    if index == entries.count {
      entries.append(Entry())
      total += MemoryLayout<Entry>.stride
    }
    var entry = entries[index]
    let before = entry.bytes
    entry.updates += 1
    if entry.updates & (entry.updates - 1) == 0 {
      entry.bytes = try HeapSize.of(partial)
      entry.bytesPerUpdate = entry.bytes / entry.updates
    } else {
      entry.bytes += try other.map { try HeapSize.of($0) } ?? entry.bytesPerUpdate
    }
    total += entry.bytes - before
    entries[index] = entry
  }
}
