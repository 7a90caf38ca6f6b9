/// Strings of which many are equal: row i has the string `entries[indices[i]]`. Entries need not be distinct or used.
public struct DictionaryColumn: Hashable, Sendable {
  public var indices: [UInt32]
  public var entries: StringColumn

  /// - Parameter indices: Each below `entries.count`; for a null row too, so `entries` is never empty if there are rows.
  public init(indices: [UInt32], entries: StringColumn) {
    self.indices = indices
    self.entries = entries
  }

  public var count: Int { indices.count }

  /// The strings, one for each row.
  public func decoded() -> StringColumn { entries.gather(indices) }
}
