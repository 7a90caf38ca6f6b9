import Basics
import Engine
import Wire

extension Dataset where Element: Record {
  /// Every record of this dataset beside every record of the other that has the same key. Keys are equal where their byte
  /// forms are (so a `nil` equals a `nil`, unlike in SQL).
  ///
  /// Within a partition: in the order of the keys, then of this dataset's records, then of the other's.
  public func join<Other: Record, Key: Record>(
    _ other: Dataset<Other>, on key: @escaping @Sendable (Element) throws -> Key,
    equals otherKey: @escaping @Sendable (Other) throws -> Key
  ) -> Dataset<Joined<Element, Other>> {
    matched(other, on: key, equals: otherKey, "join") { left, matches, emit in
      for right in matches { try emit(Joined(left: left, right: right)) }
    }
  }

  /// As ``join(_:on:equals:)``, and every record of this dataset without a match once, beside nil.
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
    let left = keyed(by: key, step)
    let right = other.keyed(by: otherKey, step)
    return Dataset<Output>(
      stages: left + right.map { $0.shifted(by: left.count) },
      input: .stages([left.count - 1, left.count + right.count - 1]), steps: [step]
    ) { task, emit in
      try RowRanges.forEach(task, [.upstream(0), .upstream(1)]) { stores in
        try match(stores[0], stores[1], task) { try body($0, $1, emit) }
      }
    }
  }

  /// Calls `body` with every left record and the right ones of the same key, in the order of the keys.
  private func match<Other: Record>(
    _ left: RowStore, _ right: RowStore, _ task: StageTask, _ body: (Element, [Other]) throws -> Void
  ) throws {
    let order = right.sorted()
    var next = 0
    var matches: [Other] = []
    var matchedRow: Int?
    for row in left.sorted() {
      try task.step()
      let isSameKey = matchedRow.map { last in
        left.withKey(row) { key in left.withKey(last) { ByteOrder.areEqual(key, $0) } }
      }
      if isSameKey != true {
        matches.removeAll(keepingCapacity: true)
        try left.withKey(row) { key in
          while next < order.count, right.withKey(order[next], { ByteOrder.precedes($0, key) }) {
            next += 1
          }
          while next < order.count, right.withKey(order[next], { ByteOrder.areEqual($0, key) }) {
            matches.append(try right.decode(order[next]))
            next += 1
          }
        }
        matchedRow = row
      }
      try body(left.decode(row), matches)
    }
  }

  /// Ends the open stage with every record under the hash of its key.
  private func keyed<Key: Record>(
    by key: @escaping @Sendable (Element) throws -> Key, _ step: String
  ) -> [Stage] {
    closed("\(step) by key", by: .partitions) { [produce] task in
      var blocks = try RowBlocks(task.context)
      let keyForm = OrderedBytes()
      let form = OrderedBytes()
      try produce(task) { element in
        keyForm.removeAll()
        try keyForm.put(key(element))
        form.removeAll()
        try form.put(element)
        let partition = ByteOrder.partition(XXH3.hash(keyForm.bytes), of: blocks.partitions)
        try blocks.append(keyForm, form, to: partition)
      }
      task.metrics.rowsWritten = blocks.rows
      try blocks.finish()
      return TaskOutput()
    }
  }
}
