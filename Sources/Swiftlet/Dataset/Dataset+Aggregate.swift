import Engine
import Wire

/// What a task of the first half keeps before it passes partial results on: bytes of keys and results, and records that went
/// into them (a result may hold something of each).
private let bytesAtATime = 8 << 20
private let updatesAtATime = 1 << 18

extension Dataset {
  /// One result a key. Keys are equal where their byte forms are; results come out in the order of the keys, within a
  /// partition.
  public func aggregate<Key: Record, Partial: Record, Result: Record>(
    by key: @escaping @Sendable (Element) throws -> Key, _ aggregation: Aggregation<Element, Partial, Result>
  ) -> Dataset<Keyed<Key, Result>> {
    let stages = closed("aggregate", by: .partitions) { [produce] task in
      var table = PartialTable(aggregation)
      var blocks = try RowBlocks(task.context)
      let form = OrderedBytes()
      try produce(task) { element in
        form.removeAll()
        try form.put(key(element))
        try form.bytes.withUnsafeBytes { bytes in
          try table.update(bytes) { try aggregation.add(&$0, element) }
        }
        if table.isFull { try table.drain(into: &blocks) }
      }
      try table.drain(into: &blocks)
      task.metrics.rowsWritten = blocks.rows
      try blocks.finish()
      return TaskOutput()
    }
    return .reading(stages, "merge") { task, emit in
      try merge(task, .upstream(0), aggregation) { table in
        for index in table.keys.sorted() {
          let key = try table.keys.withKey(index) { try RowBlocks.decode($0, Key.self) }
          try emit(Keyed(key: key, value: aggregation.finish(table.partials[index])))
        }
      }
    }
  }
}

/// Merges partial results by their keys, those of one key in the order they come. Where the table gets too large for the task's
/// memory, the keys are cut into ranges: what is there goes into their files, then all that still comes, so each key's
/// parts stay in their order.
/// - Parameter body: Takes tables of all keys; the keys of one are all after those of the one before.
private func merge<Input, Partial, Result>(
  _ task: StageTask, _ source: RowSource, _ aggregation: Aggregation<Input, Partial, Result>, depth: Int = 0,
  _ body: (PartialTable<Input, Partial, Result>) throws -> Void
) throws {
  var table = PartialTable(aggregation)
  var limit = task.context.memory / 2
  var cut: KeyRanges?
  try source.forEach(task) { contents in
    if cut != nil {
      try cut?.append(contents, of: 0, task)
      return
    }
    try contents.withUnsafeBytes { bytes in
      try RowBlocks.forEachRow(bytes) { key, value in
        try task.step()
        try table.merge(.init(rebasing: bytes[key]), .init(rebasing: bytes[value]))
      }
    }
    guard table.byteCount > limit, depth < KeyRanges.deepest else { return }
    cut = try KeyRanges(keys: table.sortedKeys(), datasets: 1, task)
    if cut == nil { limit *= 2 }
    if cut != nil {
      try table.forEach { try cut?.append($0, $1) }
      table = PartialTable(aggregation)
    }
  }
  guard cut != nil, let ranges = try cut?.finish() else { return try body(table) }
  cut = nil
  for range in ranges { try merge(task, range[0], aggregation, depth: depth + 1, body) }
}

/// Partial results by key.
private struct PartialTable<Input, Partial: Record, Result> {
  let aggregation: Aggregation<Input, Partial, Result>
  private(set) var keys = KeyTable()
  private(set) var partials: [Partial] = []

  init(_ aggregation: Aggregation<Input, Partial, Result>) { self.aggregation = aggregation }

  /// Bytes of memory, about: what partial results have elsewhere is taken to be as long as their byte forms.
  var byteCount: Int { keys.byteCount + partials.count * MemoryLayout<Partial>.stride + merged }
  private var merged = 0
  private let form = OrderedBytes()
  private var updates = 0

  /// Whether the results go on before the next record comes: a matter of the records alone, never of the memory there is, since sums
  /// of floating-point numbers depend on it.
  var isFull: Bool { updates >= updatesAtATime || byteCount >= bytesAtATime }

  mutating func update(_ key: UnsafeRawBufferPointer, _ body: (inout Partial) throws -> Void) throws {
    let (index, isNew) = try keys.insert(key)
    if isNew { partials.append(aggregation.start()) }
    updates += 1
    try body(&partials[index])
  }

  mutating func merge(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws {
    let partial = try RowBlocks.decode(value, Partial.self)
    merged += value.count
    let (index, isNew) = try keys.insert(key)
    if isNew {
      partials.append(partial)
    } else {
      try aggregation.merge(&partials[index], partial)
    }
  }

  /// Passes all on, and begins again.
  mutating func drain(into blocks: inout RowBlocks) throws {
    for index in partials.indices {
      let partition = ByteOrder.partition(keys.hash(index), of: blocks.partitions)
      try withRow(index) { try blocks.append(key: $0, value: $1, to: partition) }
    }
    keys.removeAll()
    partials.removeAll(keepingCapacity: true)
    updates = 0
  }

  /// Byte forms of every key and its result.
  func forEach(_ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void) throws
  {
    for index in partials.indices { try withRow(index, body) }
  }

  private func withRow(
    _ index: Int, _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
  ) throws {
    form.removeAll()
    try form.put(partials[index])
    try keys.withKey(index) { key in try form.bytes.withUnsafeBytes { try body(key, $0) } }
  }

  func sortedKeys() -> [[UInt8]] { keys.sorted().map { keys.withKey($0) { Array($0) } } }
}
