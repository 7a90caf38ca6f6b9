import Engine

/// Merges the blocks of a shuffle partition by key within the task's memory.
///
/// When a table exceeds its limit, its keys are cut into ranges with a spill file each. The table goes to the files, and so do
/// all later blocks. Then each range is merged the same way. The parts of a key are merged in the same order as without files, so
/// results are equal to the bit for any amount of memory; and ranges come out in the order of their keys.
public struct SpillingMerge<Table: MergeTable & ~Copyable> {
  private static var rangeCount: Int { 16 }
  /// Levels of ranges within ranges. Beyond, a table grows: only single keys with endless values get there.
  private static var deepest: Int { 24 }

  private let task: any TaskContext
  private let limit: Int
  private let makeTable: () -> Table

  /// - Parameters:
  ///   - limit: Bytes of a table before it is cut.
  ///   - makeTable: Returns an empty table.
  public init(_ task: any TaskContext, limit: Int, makeTable: @escaping () -> Table) {
    self.task = task
    self.limit = limit
    self.makeTable = makeTable
  }

  /// - Parameter use: Takes the finished tables: one with all keys, or several in the order of their keys.
  /// - Returns: Bytes of blocks read from the sources.
  @discardableResult
  public func run(_ sources: [BlockSource], _ use: (consuming Table) throws -> Void) throws -> Int {
    try run(sources, depth: 0, use)
  }

  private func run(
    _ sources: [BlockSource], depth: Int, _ use: (consuming Table) throws -> Void
  ) throws -> Int {
    let (bytes, ranges) = try collect(sources, depth: depth, use)
    for range in ranges { _ = try run(range, depth: depth + 1, use) }
    return bytes
  }

  /// - Returns: The ranges that remain to be merged, if not everything fitted into one table.
  private func collect(
    _ sources: [BlockSource], depth: Int, _ use: (consuming Table) throws -> Void
  ) throws -> (bytes: Int, ranges: [[BlockSource]]) {
    var table = makeTable()
    var files: RangeFiles?
    var bytes = 0
    for (index, source) in sources.enumerated() {
      bytes += try source.forEachBlock(task) { block in
        if let files { return try table.spill(block, from: index, to: files) }
        try table.append(block, from: index)
        guard table.byteCount > limit, depth < Self.deepest, let ranges = table.ranges(Self.rangeCount)
        else { return }
        let cut = try RangeFiles(ranges, sources: sources.count, task)
        try table.spill(to: cut)
        files = cut
      }
    }
    try task.checkCancelled()
    guard let files else {
      try use(table)
      return (bytes, [])
    }
    return (bytes, try files.finish())
  }
}
