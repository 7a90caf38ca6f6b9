import Engine
import Formats
import Wire

/// Writes rows to shuffle partitions, in runs of a bounded size; ``RowCoding`` inside ``CompressedBlock``.
public struct RowWriter {
  /// Bytes of rows, over all partitions, that make a run. The same everywhere: the order in which partial results are merged
  /// must not depend on the worker.
  private static let runBytes = 4 << 20

  private let context: any TaskContext
  private var contents: [[UInt8]]
  /// Sum over `contents`.
  private var bytes = 0
  public private(set) var rows = 0

  public init(_ context: any TaskContext) throws {
    self.context = context
    try HashPartition.check(context.outputPartitions)
    contents = Array(repeating: [], count: context.outputPartitions)
  }

  public var partitions: Int { contents.count }

  public mutating func append(
    key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, to partition: Int
  ) throws {
    guard key.count + value.count < CompressedBlock.limit - RowWriter.runBytes - 32 else {
      throw TaskFailure.fatal("a record of \(key.count + value.count) bytes is too large for a shuffle")
    }
    RowCoding.put(key, to: &contents[partition])
    RowCoding.put(value, to: &contents[partition])
    bytes += key.count + value.count + 2
    rows += 1
    if bytes >= RowWriter.runBytes { try flush() }
  }

  /// Emits the last run.
  /// - Parameter note: Sent to every partition as a run of its own, after all rows. Rows must not have empty keys then.
  public mutating func finish(note: [UInt8]? = nil) throws {
    try flush()
    guard let note else { return }
    for partition in contents.indices {
      RowCoding.put(.init(start: nil, count: 0), to: &contents[partition])
      note.withUnsafeBytes { RowCoding.put($0, to: &contents[partition]) }
    }
    try flush()
  }

  private mutating func flush() throws {
    let zstd = Zstd(level: 1)
    for partition in contents.indices where !contents[partition].isEmpty {
      try context.emit(CompressedBlock.make(contents[partition], zstd), to: partition)
      contents[partition].removeAll(keepingCapacity: true)
    }
    bytes = 0
  }
}
