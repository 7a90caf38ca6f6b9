/// The rows of one shuffle partition, kept in the order they came, each with its key. Blocks stay as they are; rows are
/// decoded when they are asked for.
struct RowStore {
  private struct Row {
    let block: UInt32
    let key: Range<Int>
    let value: Range<Int>
  }

  private var blocks: [[UInt8]] = []
  private var rows: [Row] = []

  /// Reads this partition's block of every task of an earlier stage.
  /// - Parameter takeLast: Receives the value of the last row of each block, which then is no row of the store.
  init(
    _ task: StageTask, upstream: Int, takeLast: ((UnsafeRawBufferPointer) throws -> Void)? = nil
  ) throws {
    try task.context.forEachShuffleBlock(upstream: upstream) { _, block in
      let contents = try RowBlocks.contents(block)
      guard !contents.isEmpty else { return }
      let index = UInt32(blocks.count)
      try contents.withUnsafeBytes { bytes in
        try RowBlocks.forEachRow(bytes) { key, value in
          rows.append(Row(block: index, key: key, value: value))
          try task.step()
        }
        if let takeLast, let last = rows.popLast() { try takeLast(.init(rebasing: bytes[last.value])) }
      }
      blocks.append(contents)
    }
  }

  var count: Int { rows.count }

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
