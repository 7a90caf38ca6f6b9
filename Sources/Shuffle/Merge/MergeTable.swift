/// What a task collects from the blocks of its shuffle partition: results by key, or rows. ``SpillingMerge`` keeps it within
/// the task's memory.
public protocol MergeTable: ~Copyable {
  /// Bytes of memory in use.
  var byteCount: Int { get }

  /// Merges a block, as the shuffle delivered it or as ``spill(to:)`` wrote it.
  /// - Parameter source: Index of the source among those that are merged together.
  mutating func append(_ block: [UInt8], from source: Int) throws

  /// Up to `count` ranges that each hold about the same number of the table's keys; nil if there is only one key. That answer must
  /// be cheap: it is asked for again with every block.
  borrowing func ranges(_ count: Int) -> KeyRanges?

  /// Moves everything to the files and leaves the table empty.
  mutating func spill(to files: RangeFiles) throws

  /// Writes a block to the files; the table is empty. By default the block is merged and spilled. Tables whose blocks can be
  /// cut without merging save the work.
  mutating func spill(_ block: [UInt8], from source: Int, to files: RangeFiles) throws
}

extension MergeTable where Self: ~Copyable {
  public mutating func spill(_ block: [UInt8], from source: Int, to files: RangeFiles) throws {
    try append(block, from: source)
    try spill(to: files)
  }
}
