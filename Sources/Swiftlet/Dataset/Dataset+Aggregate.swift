import Shuffle

/// Size of the partial results in bytes, and number of records, after which a task emits its partial results.
private let bytesPerRun = 8 << 20
private let recordsPerRun = 1 << 18

extension Dataset {
  /// Combines the records of each key into one result. Within a partition, results are in key order. Keys are equal if their
  /// byte forms are equal; 0.0 equals −0.0, and NaN equals NaN.
  public func aggregate<Key: Record, Partial: Record, Result: Record>(
    by key: @escaping @Sendable (Element) throws -> Key, _ aggregation: Aggregation<Element, Partial, Result>
  ) -> Dataset<Keyed<Key, Result>> {
    shuffled("aggregate", by: .partitions) { [produce] task, rows in
      let table = PartialTable(aggregation, task)
      var rule = RunRule(bytes: bytesPerRun, records: recordsPerRun)
      let form = OrderedBytes(forKeys: true)
      try produce(task) { element in
        form.removeAll()
        try form.put(key(element))
        try form.bytes.withUnsafeBytes { try table.add(element, key: $0) }
        if rule.endsRun(after: 1, byteCount: table.byteCount) { try table.emit(to: &rows) }
      }
      try table.emit(to: &rows)
      try rows.finish()
    }.read("merge") { task, emit in
      try task.merge {
        PartialTable(aggregation, task)
      } _: {
        try $0.forEachResult(emit)
      }
    }
  }
}
