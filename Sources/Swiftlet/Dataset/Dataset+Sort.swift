import Engine
import Wire

extension Dataset where Element: Record {
  /// All records in the order of a key; records of one key stay in the order of the input. The keys are in the order
  /// of their byte forms (``RecordBytes``): numbers by size, text by its UTF-8, `nil` first, structs field by field.
  ///
  /// Partition p holds the p-th range of keys. Where to cut is found from a sample that every task takes of its keys
  /// and sends along with its records, so that what comes before runs once.
  public func sorted<Key: Record>(
    by key: @escaping @Sendable (Element) throws -> Key, descending: Bool = false
  ) -> Dataset {
    let keyed = closed("sort", by: .partitions) { [produce] task in
      var blocks = try RowBlocks(partitions: task.context.outputPartitions)
      var sample = KeySample()
      let keyForm = OrderedBytes()
      let form = OrderedBytes()
      try produce(task) { element in
        keyForm.removeAll()
        try keyForm.put(key(element))
        if descending { keyForm.invert() }
        // The place in the input makes every key different, and keeps the order of equal ones.
        keyForm.put(integer: UInt32(clamping: task.partition))
        keyForm.put(integer: UInt64(blocks.rows))
        sample.add(keyForm.bytes)
        form.removeAll()
        try form.put(element)
        try blocks.append(keyForm, form, to: blocks.rows % blocks.partitions)
      }
      task.metrics.rowsWritten = blocks.rows
      try blocks.appendToAll(RecordBytes.encode(sample))
      return TaskOutput(blocks: try blocks.finish())
    }
    let cut = Dataset.reading(keyed, "find ranges") { _, _ in }.closed("cut", by: .partitions) { task in
      var samples: [KeySample] = []
      let rows = try RowStore(task, upstream: 0) { samples.append(try RowBlocks.decode($0)) }
      var blocks = try RowBlocks(partitions: task.context.outputPartitions)
      let boundaries = KeySample.boundaries(samples, partitions: blocks.partitions)
      for row in 0..<rows.count {
        try rows.withRow(row) { key, value in
          try blocks.append(key: key, value: value, to: KeySample.partition(of: key, boundaries))
        }
      }
      return TaskOutput(blocks: try blocks.finish())
    }
    return .reading(cut, "sort each range") { task, emit in
      let rows = try RowStore(task, upstream: 0)
      for row in rows.sorted() { try emit(rows.decode(row)) }
    }
  }

  /// The `limit` records of the highest rank, best first; of equals the one with the smaller byte form.
  public func top<Rank: Record>(
    _ limit: Int, by rank: @escaping @Sendable (Element) throws -> Rank
  ) -> Dataset {
    let aggregation = Aggregation<Element, TopRecords, [Element]>.top(limit, by: rank)
    let stages = closed("top \(limit)", by: .single) { [produce] task in
      var top = aggregation.start()
      try produce(task) { try aggregation.add(&top, $0) }
      var blocks = try RowBlocks(partitions: 1)
      let form = try RecordBytes.encode(top)
      try form.withUnsafeBytes { try blocks.append(key: .init(start: nil, count: 0), value: $0, to: 0) }
      return TaskOutput(blocks: try blocks.finish())
    }
    return .reading(stages, "top \(limit) of all") { task, emit in
      let parts = try RowStore(task, upstream: 0)
      var top = aggregation.start()
      for index in 0..<parts.count { try aggregation.merge(&top, parts.decode(index)) }
      for element in try aggregation.finish(top) { try emit(element) }
    }
  }
}
