import Shuffle

extension Dataset where Element: Record {
  /// Pairs every record of this dataset with every record of the other dataset that has the same key. Keys are equal if their
  /// byte forms are equal; 0.0 equals −0.0, NaN equals NaN, and, unlike in SQL, nil equals nil.
  ///
  /// Within a partition, results are ordered by key, then by the order of this dataset, then by the order of the other.
  public func join<Other: Record, Key: Record>(
    _ other: Dataset<Other>, on key: @escaping @Sendable (Element) throws -> Key,
    equals otherKey: @escaping @Sendable (Other) throws -> Key
  ) -> Dataset<Joined<Element, Other>> {
    matched(other, on: key, equals: otherKey, "join") { left, matches, emit in
      for right in matches { try emit(Joined(left: left, right: right)) }
    }
  }

  /// Like ``join(_:on:equals:)``, but a record of this dataset without a match is also returned, once, paired with nil.
  public func leftJoin<Other: Record, Key: Record>(
    _ other: Dataset<Other>, on key: @escaping @Sendable (Element) throws -> Key,
    equals otherKey: @escaping @Sendable (Other) throws -> Key
  ) -> Dataset<Joined<Element, Other?>> {
    matched(other, on: key, equals: otherKey, "left join") { left, matches, emit in
      for right in matches { try emit(Joined(left: left, right: right)) }
      if matches.isEmpty { try emit(Joined(left: left, right: nil)) }
    }
  }

  private func matched<Other: Record, Key: Record, Output>(
    _ other: Dataset<Other>, on key: @escaping @Sendable (Element) throws -> Key,
    equals otherKey: @escaping @Sendable (Other) throws -> Key, _ step: String,
    _ body: @escaping @Sendable (Element, [Other], (Output) throws -> Void) throws -> Void
  ) -> Dataset<Output> {
    keyed(by: key, step).read(with: other.keyed(by: otherKey, step), step) { task, emit in
      try task.collect(sources: 2) { stores in
        try match(stores[0], stores[1], task) { try body($0, $1, emit) }
      }
    }
  }

  /// Calls `body` with every left record and the right records that have the same key, in key order.
  private func match<Other: Record>(
    _ left: RowStore, _ right: RowStore, _ task: StageTask, _ body: (Element, [Other]) throws -> Void
  ) throws {
    let leftOrder = left.sorted()
    let rightOrder = right.sorted()
    var next = 0
    var matches: [Other] = []
    var matched: UnsafeRawBufferPointer?
    for position in 0..<leftOrder.count {
      try task.step()
      let row = Int(leftOrder[position])
      let key = left.key(row)
      if matched.map({ ByteOrder.areEqual($0, key) }) != true {
        matches.removeAll(keepingCapacity: true)
        while next < rightOrder.count {
          let order = ByteOrder.compare(right.key(Int(rightOrder[next])), key)
          if order > 0 { break }
          if order == 0 { matches.append(try RecordBytes.decode(row: right.value(Int(rightOrder[next])))) }
          next += 1
        }
        matched = key
      }
      try body(RecordBytes.decode(row: left.value(row)), matches)
    }
  }

  /// Ends the open stage, partitioning it by the hash of the key.
  private func keyed<Key: Record>(
    by key: @escaping @Sendable (Element) throws -> Key, _ step: String
  ) -> FinishedStage {
    shuffled("\(step) by key", by: .partitions) { [produce] task, rows in
      let keyForm = OrderedBytes(forKeys: true)
      let form = OrderedBytes()
      try produce(task) { element in
        keyForm.removeAll()
        try keyForm.put(key(element))
        form.removeAll()
        try form.put(element)
        try rows.append(keyForm, form, to: rows.partition(of: keyForm))
      }
      try rows.finish()
    }
  }
}
