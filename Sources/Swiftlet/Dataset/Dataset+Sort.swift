import Shuffle

extension Dataset where Element: Record {
  /// Sorts all records by a key. Records with equal keys keep their input order. Keys are ordered by their byte forms
  /// (``RecordBytes``): numbers by value with NaN last, text by its UTF-8 bytes, nil first, and structs field by field.
  ///
  /// Partition p contains the p-th range of keys. The ranges come from a sample of keys that each task sends along with its
  /// records, so everything before the sort runs once.
  public func sorted<Key: Record>(
    by key: @escaping @Sendable (Element) throws -> Key, descending: Bool = false
  ) -> Dataset {
    let keyed = shuffled("sort", by: .partitions) { [produce] task, rows in
      var sample = KeySample()
      let keyForm = OrderedBytes(forKeys: true)
      let form = OrderedBytes()
      try produce(task) { element in
        keyForm.removeAll()
        try keyForm.put(key(element))
        if descending { keyForm.invert() }
        // The input position makes keys distinct and preserves the order of equal ones.
        keyForm.put(integer: UInt32(clamping: task.partition))
        keyForm.put(integer: UInt64(rows.rows))
        sample.add(keyForm.bytes)
        form.removeAll()
        try form.put(element)
        try rows.append(keyForm, form, to: rows.rows % rows.partitions)
      }
      try rows.finish(note: sample.encoded)
    }
    let unread: Dataset = keyed.read("find ranges") { _, _ in }
    let cut = unread.shuffled("cut", by: .partitions) { task, rows in
      var samples: [KeySample] = []
      var queue = BlockQueue(task.context)
      try BlockSource.rows(upstream: 0).forEachBlock(task.context) { block in
        if let note = try RowCoding.note(block) {
          samples.append(try KeySample(decoding: Array(block[note])))
        } else {
          try queue.append(block)
        }
      }
      let ranges = KeySample.ranges(samples, partitions: rows.partitions)
      while let block = try queue.next() {
        try block.withUnsafeBytes { bytes in
          try RowCoding.forEachRow(bytes) { key, value in
            try task.step()
            let key = UnsafeRawBufferPointer(rebasing: bytes[key])
            try rows.append(key: key, value: .init(rebasing: bytes[value]), to: ranges.range(of: key))
          }
        }
      }
      try rows.finish()
    }
    return cut.read("sort each range") { task, emit in
      try task.collect { stores in
        let order = stores[0].sorted()
        for position in 0..<order.count {
          try task.step()
          try emit(RecordBytes.decode(row: stores[0].value(Int(order[position]))))
        }
      }
    }
  }

  /// The `limit` records with the highest rank, best first; ties are broken by the smaller byte form.
  public func top<Rank: Record>(
    _ limit: Int, by rank: @escaping @Sendable (Element) throws -> Rank
  ) -> Dataset {
    let aggregation = Aggregation<Element, TopRecords, [Element]>.top(limit, by: rank)
    return shuffled("top \(limit)", by: .single) { [produce] task, rows in
      var top = aggregation.start()
      try produce(task) { try aggregation.add(&top, $0) }
      for record in top.records {
        try record.withBytes { try rows.append(key: $0, value: $1, to: 0) }
      }
      try rows.finish()
    }.read("top \(limit) of all") { task, emit in
      var top = aggregation.start()
      try BlockSource.rows(upstream: 0).forEachBlock(task.context) { block in
        try block.withUnsafeBytes { bytes in
          try RowCoding.forEachRow(bytes) { rank, record in
            try task.step()
            let rank = UnsafeRawBufferPointer(rebasing: bytes[rank])
            guard top.mayHold(rank, limit: limit) else { return }
            top.insert(
              RankedRecord(rank: rank, record: .init(rebasing: bytes[record])), limit: limit)
          }
        }
      }
      for element in try aggregation.finish(top) { try emit(element) }
    }
  }
}
