import Engine

/// Rows of one or more shuffles that are needed together, key by key: what sorts and joins collect.
public struct RowTable: MergeTable {
  /// Keys from which ranges are made.
  private static let samples = 4096

  private let task: any TaskContext
  public let stores: [RowStore]

  public init(sources: Int, _ task: any TaskContext) {
    self.task = task
    stores = (0..<sources).map { _ in RowStore() }
  }

  public var byteCount: Int { stores.reduce(0) { $0 + $1.byteCount } }

  public func append(_ block: [UInt8], from source: Int) throws { try stores[source].append(block, task) }

  public func ranges(_ count: Int) -> KeyRanges? {
    let filled = stores.filter { $0.count > 0 }
    guard
      filled.contains(where: { $0.firstOther != nil })
        || filled.contains(where: { !ByteOrder.areEqual($0.key(0), filled[0].key(0)) })
    else { return nil }
    var keys: [[UInt8]] = []
    for store in filled {
      if let other = store.firstOther { keys.append(Array(store.key(other))) }
      for row in stride(from: 0, to: store.count, by: max(1, store.count / RowTable.samples)) {
        keys.append(Array(store.key(row)))
      }
    }
    keys.sort { ByteOrder.compare($0, $1) < 0 }
    return KeyRanges(count, keys: keys.count) { keys[$0] }
  }

  public func spill(to files: RangeFiles) throws {
    for (source, store) in stores.enumerated() {
      try store.forEachBlock { try files.append(rows: $0, from: source) }
      store.removeAll()
    }
  }

  /// Rows are cut without being kept.
  public func spill(_ block: [UInt8], from source: Int, to files: RangeFiles) throws {
    try block.withUnsafeBytes { try files.append(rows: $0, from: source) }
  }
}
