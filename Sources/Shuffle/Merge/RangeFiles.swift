import Engine

/// Spill files for ranges of keys, one per range and source. Blocks and rows of a file keep the order in which they were
/// appended.
public final class RangeFiles {
  private static let blockBytes = 64 << 10

  public let ranges: KeyRanges
  /// By range, then by source.
  private let files: [[any SpillFile]]
  /// Rows not yet in their file.
  private var waiting: [[[UInt8]]]

  init(_ ranges: KeyRanges, sources: Int, _ task: any TaskContext) throws {
    self.ranges = ranges
    files = try (0..<ranges.count).map { _ in try (0..<sources).map { _ in try task.spill() } }
    waiting = Array(repeating: Array(repeating: [], count: sources), count: ranges.count)
  }

  public func append(_ block: [UInt8], to range: Int, from source: Int = 0) throws {
    try files[range][source].append(block)
  }

  public func append(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, from source: Int = 0
  ) throws {
    let range = ranges.range(of: key)
    RowCoding.put(key, to: &waiting[range][source])
    RowCoding.put(value, to: &waiting[range][source])
    if waiting[range][source].count >= RangeFiles.blockBytes { try write(range, source) }
  }

  public func append(rows: UnsafeRawBufferPointer, from source: Int) throws {
    try RowCoding.forEachRow(rows) { key, value in
      try append(key: .init(rebasing: rows[key]), value: .init(rebasing: rows[value]), from: source)
    }
  }

  /// The sources of each range, in the order of the keys. Nothing may be appended afterwards.
  func finish() throws -> [[BlockSource]] {
    for range in files.indices {
      for source in files[range].indices { try write(range, source) }
    }
    waiting = []
    return files.map { $0.map(BlockSource.file) }
  }

  private func write(_ range: Int, _ source: Int) throws {
    guard !waiting[range][source].isEmpty else { return }
    try files[range][source].append(waiting[range][source])
    waiting[range][source].removeAll(keepingCapacity: true)
  }
}
