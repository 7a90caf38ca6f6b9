import Shuffle
import Wire

// Records as rows of a shuffle: keys and values in byte form.

extension RowWriter {
  mutating func append(_ key: OrderedBytes, _ value: OrderedBytes, to partition: Int) throws {
    try key.bytes.withUnsafeBytes { key in
      try value.bytes.withUnsafeBytes { try append(key: key, value: $0, to: partition) }
    }
  }

  func partition(of key: OrderedBytes) -> Int {
    key.bytes.withUnsafeBytes { HashPartition.of(ByteKey($0).hash(), partitions: partitions) }
  }
}

extension RecordBytes {
  /// Decodes the key or the value of a row.
  static func decode<T: Decodable>(row bytes: UnsafeRawBufferPointer, _ type: T.Type = T.self) throws -> T {
    do {
      return try decode(type, from: bytes)
    } catch let error as RecordError {
      throw TaskFailure.fatal("a shuffled row is not a valid \(typeName(type)): \(error.description)")
    }
  }
}

extension StageTask {
  /// Merges the blocks of this task's partition within the task's memory limit.
  /// - Parameter sources: Number of stages that this stage reads.
  func merge<Table: MergeTable>(
    sources: Int = 1, makeTable: @escaping () -> Table, _ use: (consuming Table) throws -> Void
  ) throws {
    let merge = SpillingMerge(context, limit: context.memory / 2, makeTable: makeTable)
    metrics[.shuffleReadBytes] = try merge.run((0..<sources).map { .rows(upstream: $0) }, use)
  }

  /// Collects the rows of this task's partition by key, with a separate store for each source. `use` is called once with all
  /// keys, or once per key range in key order.
  func collect(sources: Int = 1, _ use: ([RowStore]) throws -> Void) throws {
    let context = context
    try merge(sources: sources) {
      RowTable(sources: sources, context)
    } _: {
      try use($0.stores)
    }
  }
}
