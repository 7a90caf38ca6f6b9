import Engine
import Wire

/// Keys that a task of the first half keeps before it passes their partial results on; memory is bounded by it. Depends on
/// the records alone, so the order of merging does too.
private let keysAtATime = 1 << 18

extension Dataset {
  /// One result a key. Keys are equal where their byte forms are; results come out in the order of the keys, within a
  /// partition.
  public func aggregate<Key: Record, Partial: Record, Result: Record>(
    by key: @escaping @Sendable (Element) throws -> Key, _ aggregation: Aggregation<Element, Partial, Result>
  ) -> Dataset<Keyed<Key, Result>> {
    let stages = closed("aggregate", by: .partitions) { [produce] task in
      var table = PartialTable(aggregation)
      var blocks = try RowBlocks(partitions: task.context.outputPartitions)
      let form = OrderedBytes()
      try produce(task) { element in
        form.removeAll()
        try form.put(key(element))
        try form.bytes.withUnsafeBytes { bytes in
          try table.update(bytes) { try aggregation.add(&$0, element) }
        }
        if table.count == keysAtATime { try table.drain(into: &blocks) }
      }
      try table.drain(into: &blocks)
      task.metrics.rowsWritten = blocks.rows
      return TaskOutput(blocks: try blocks.finish())
    }
    return .reading(stages, "merge") { task, emit in
      var table = PartialTable(aggregation)
      try task.context.forEachShuffleBlock(upstream: 0) { _, block in
        let contents = try RowBlocks.contents(block)
        try contents.withUnsafeBytes { bytes in
          try RowBlocks.forEachRow(bytes) { key, value in
            try task.step()
            try table.merge(.init(rebasing: bytes[key]), .init(rebasing: bytes[value]))
          }
        }
      }
      for index in table.keys.sorted() {
        let key = try table.keys.withKey(index) { try RowBlocks.decode($0, Key.self) }
        try emit(Keyed(key: key, value: aggregation.finish(table.partials[index])))
      }
    }
  }
}

/// Partial results by key.
private struct PartialTable<Input, Partial: Record, Result> {
  let aggregation: Aggregation<Input, Partial, Result>
  private(set) var keys = KeyTable()
  private(set) var partials: [Partial] = []

  init(_ aggregation: Aggregation<Input, Partial, Result>) { self.aggregation = aggregation }

  var count: Int { partials.count }

  mutating func update(_ key: UnsafeRawBufferPointer, _ body: (inout Partial) throws -> Void) throws {
    let (index, isNew) = try keys.insert(key)
    if isNew { partials.append(aggregation.start()) }
    try body(&partials[index])
  }

  mutating func merge(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws {
    let partial = try RowBlocks.decode(value, Partial.self)
    let (index, isNew) = try keys.insert(key)
    if isNew {
      partials.append(partial)
    } else {
      try aggregation.merge(&partials[index], partial)
    }
  }

  /// Passes all on, and begins again.
  mutating func drain(into blocks: inout RowBlocks) throws {
    let form = OrderedBytes()
    for (index, partial) in partials.enumerated() {
      form.removeAll()
      try form.put(partial)
      let partition = ByteOrder.partition(keys.hash(index), of: blocks.partitions)
      try keys.withKey(index) { key in
        try form.bytes.withUnsafeBytes { try blocks.append(key: key, value: $0, to: partition) }
      }
    }
    keys.removeAll()
    partials.removeAll(keepingCapacity: true)
  }
}
