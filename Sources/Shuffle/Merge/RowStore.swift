import Columns
import Engine
import Wire

/// The rows of one source of a shuffle partition, in order of arrival. They stay encoded until someone asks for one.
public final class RowStore {
  struct Row: BitwiseCopyable {
    var block: UInt32
    var key: UInt32
    var keyBytes: UInt32
    var value: UInt32
    var valueBytes: UInt32
  }

  private var blocks: [UnsafeMutableRawBufferPointer] = []
  private var blockBytes = 0
  private var rows = FlatArray<Row>()
  /// The first row whose key differs from that of row 0.
  private(set) var firstOther: Int?

  deinit { removeAll() }

  public var count: Int { rows.count }

  /// Bytes of memory, including what ``sorted()`` needs.
  var byteCount: Int {
    blockBytes + rows.bytes + count * (MemoryLayout<UInt64>.stride * 2 + MemoryLayout<UInt32>.stride)
  }

  func removeAll() {
    for block in blocks { block.deallocate() }
    blocks = []
    blockBytes = 0
    rows.truncate(to: 0)
    firstOther = nil
  }

  /// - Parameter contents: Rows, at most ``CompressedBlock/limit`` bytes.
  func append(_ contents: [UInt8], _ task: any TaskContext) throws {
    guard !contents.isEmpty else { return }
    guard contents.count <= CompressedBlock.limit, rows.count + contents.count / 2 < Int(UInt32.max) else {
      throw TaskFailure.fatal("over 2³² rows in one shuffle partition; use more partitions")
    }
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 1)
    block.copyBytes(from: contents)
    let number = UInt32(blocks.count)
    blocks.append(block)
    blockBytes += contents.count
    let before = rows.count
    try RowCoding.forEachRow(UnsafeRawBufferPointer(block)) { key, value in
      rows.append(
        Row(
          block: number, key: UInt32(key.lowerBound), keyBytes: UInt32(key.count),
          value: UInt32(value.lowerBound), valueBytes: UInt32(value.count)))
      let last = rows.count - 1
      if firstOther == nil, !ByteOrder.areEqual(self.key(0), self.key(last)) { firstOther = last }
    }
    task.progress(rows: rows.count - before, bytes: 0)
  }

  /// The contents of its blocks, in order of arrival.
  func forEachBlock(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    for block in blocks { try body(UnsafeRawBufferPointer(block)) }
  }

  public func key(_ index: Int) -> UnsafeRawBufferPointer {
    let row = rows[index]
    return slice(row.block, row.key, row.keyBytes)
  }

  public func value(_ index: Int) -> UnsafeRawBufferPointer {
    let row = rows[index]
    return slice(row.block, row.value, row.valueBytes)
  }

  private func slice(_ block: UInt32, _ start: UInt32, _ count: UInt32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(blocks[Int(block)])[Int(start)..<Int(start + count)])
  }

  /// The rows' indexes, sorted by key; rows with equal keys stay in order of arrival.
  public func sorted() -> FlatArray<UInt32> { ByteOrder.sorted(count, key: key) }
}
