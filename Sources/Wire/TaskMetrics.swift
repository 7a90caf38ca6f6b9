import Basics

/// What one task attempt counted. Sums over tasks make the numbers of a stage.
public struct TaskMetrics: Hashable, Sendable, WireCodable {
  public var rowsRead = 0
  public var bytesRead = 0
  public var rowsWritten = 0
  public var bytesWritten = 0
  public var shuffleReadBytes = 0
  public var shuffleWriteBytes = 0
  /// Written to local disk for want of memory.
  public var spilledBytes = 0
  public var microseconds = 0

  public init() {}

  package init(from reader: inout ByteReader) throws(WireError) {
    rowsRead = try reader.count()
    bytesRead = try reader.count()
    rowsWritten = try reader.count()
    bytesWritten = try reader.count()
    shuffleReadBytes = try reader.count()
    shuffleWriteBytes = try reader.count()
    spilledBytes = try reader.count()
    microseconds = try reader.count()
  }

  package func encode(to writer: inout ByteWriter) {
    for value in [
      rowsRead, bytesRead, rowsWritten, bytesWritten, shuffleReadBytes, shuffleWriteBytes, spilledBytes,
      microseconds,
    ] { writer.count(value) }
  }

  /// Sums of what peers sent stop at the largest number: none of them makes the driver overflow.
  public static func += (a: inout TaskMetrics, b: TaskMetrics) {
    a.rowsRead.add(b.rowsRead)
    a.bytesRead.add(b.bytesRead)
    a.rowsWritten.add(b.rowsWritten)
    a.bytesWritten.add(b.bytesWritten)
    a.shuffleReadBytes.add(b.shuffleReadBytes)
    a.shuffleWriteBytes.add(b.shuffleWriteBytes)
    a.spilledBytes.add(b.spilledBytes)
    a.microseconds.add(b.microseconds)
  }
}

extension TaskMetrics {
  /// Read and written; as every sum, at most the largest number.
  package var shuffledBytes: Int {
    var sum = shuffleReadBytes
    sum.add(shuffleWriteBytes)
    return sum
  }
}

extension Int {
  fileprivate mutating func add(_ other: Int) {
    let (sum, overflow) = addingReportingOverflow(other)
    self = overflow ? .max : sum
  }
}
