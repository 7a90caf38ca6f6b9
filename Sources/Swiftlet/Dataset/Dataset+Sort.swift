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
      var blocks = try RowBlocks(task.context)
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
      try blocks.finish(note: RecordBytes.encode(sample))
      return TaskOutput()
    }
    let cut = Dataset.reading(keyed, "find ranges") { _, _ in }.closed("cut", by: .partitions) { task in
      var samples: [KeySample] = []
      var rows = RowQueue(task)
      try RowSource.upstream(0).forEach(task) { contents in
        if let note = try RowBlocks.note(contents) {
          try contents.withUnsafeBytes { samples.append(try RowBlocks.decode(.init(rebasing: $0[note]))) }
        } else {
          try rows.append(contents)
        }
      }
      var blocks = try RowBlocks(task.context)
      let boundaries = KeySample.boundaries(samples, partitions: blocks.partitions)
      while let contents = try rows.next() {
        try contents.withUnsafeBytes { bytes in
          try RowBlocks.forEachRow(bytes) { key, value in
            try task.step()
            let key = UnsafeRawBufferPointer(rebasing: bytes[key])
            try blocks.append(
              key: key, value: .init(rebasing: bytes[value]), to: KeySample.partition(of: key, boundaries))
          }
        }
      }
      try blocks.finish()
      return TaskOutput()
    }
    return .reading(cut, "sort each range") { task, emit in
      try RowRanges.forEach(task, [.upstream(0)]) { stores in
        for row in stores[0].sorted() { try emit(stores[0].decode(row)) }
      }
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
      var blocks = try RowBlocks(task.context)
      let form = try RecordBytes.encode(top)
      try form.withUnsafeBytes { try blocks.append(key: .init(start: nil, count: 0), value: $0, to: 0) }
      try blocks.finish()
      return TaskOutput()
    }
    return .reading(stages, "top \(limit) of all") { task, emit in
      var top = aggregation.start()
      try RowSource.upstream(0).forEach(task) { contents in
        try contents.withUnsafeBytes { bytes in
          try RowBlocks.forEachRow(bytes) { _, value in
            try aggregation.merge(&top, RowBlocks.decode(.init(rebasing: bytes[value])))
          }
        }
      }
      for element in try aggregation.finish(top) { try emit(element) }
    }
  }
}
