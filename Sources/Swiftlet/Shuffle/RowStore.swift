/// Rows of a shuffle partition, kept in the order they came, each with its key. Runs stay as they are; rows are decoded
/// when they are asked for.
struct RowStore {
  private struct Row {
    let block: UInt32
    let key: Range<Int>
    let value: Range<Int>
  }

  private var blocks: [[UInt8]] = []
  private var rows: [Row] = []

  /// Bytes of memory, about; numbers in their order (``sorted()``) included.
  private(set) var byteCount = 0

  /// Adds the rows of the contents of a run.
  mutating func append(_ contents: [UInt8], _ task: StageTask) throws {
    guard !contents.isEmpty else { return }
    let index = UInt32(blocks.count)
    let before = rows.count
    try contents.withUnsafeBytes { bytes in
      try RowBlocks.forEachRow(bytes) { key, value in
        rows.append(Row(block: index, key: key, value: value))
        try task.step()
      }
    }
    byteCount +=
      contents.count + (rows.count - before) * (MemoryLayout<Row>.stride + MemoryLayout<Int>.stride)
    blocks.append(contents)
  }

  var count: Int { rows.count }

  /// The contents of the runs that it was made of.
  func forEachContents(_ body: ([UInt8]) throws -> Void) rethrows {
    for block in blocks { try body(block) }
  }

  func withKey<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    let row = rows[index]
    return try blocks[Int(row.block)].withUnsafeBytes { try body(.init(rebasing: $0[row.key])) }
  }

  func withRow<R>(
    _ index: Int, _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    let row = rows[index]
    return try blocks[Int(row.block)].withUnsafeBytes {
      try body(.init(rebasing: $0[row.key]), .init(rebasing: $0[row.value]))
    }
  }

  func decode<T: Decodable>(_ index: Int, _ type: T.Type = T.self) throws -> T {
    let row = rows[index]
    return try blocks[Int(row.block)].withUnsafeBytes {
      try RowBlocks.decode(.init(rebasing: $0[row.value]), type)
    }
  }

  /// The rows' numbers in the order of their keys; rows of one key stay in the order they came.
  func sorted() -> [Int] {
    rows.indices.sorted { a, b in
      let order = withKey(a) { first in withKey(b) { ByteOrder.compare(first, $0) } }
      return order == 0 ? a < b : order < 0
    }
  }
}
