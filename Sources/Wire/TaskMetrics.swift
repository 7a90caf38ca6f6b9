/// What one task attempt counted. Sums over tasks make the numbers of a stage.
package struct TaskMetrics: Hashable, Sendable, WireCodable {
  package var rowsRead = 0
  package var bytesRead = 0
  package var rowsWritten = 0
  package var bytesWritten = 0
  package var shuffleReadBytes = 0
  package var shuffleWriteBytes = 0
  package var microseconds = 0

  package init() {}

  package init(from reader: inout ByteReader) throws(WireError) {
    rowsRead = try reader.count()
    bytesRead = try reader.count()
    rowsWritten = try reader.count()
    bytesWritten = try reader.count()
    shuffleReadBytes = try reader.count()
    shuffleWriteBytes = try reader.count()
    microseconds = try reader.count()
  }

  package func encode(to writer: inout ByteWriter) {
    for value in [
      rowsRead, bytesRead, rowsWritten, bytesWritten, shuffleReadBytes, shuffleWriteBytes, microseconds,
    ] { writer.count(value) }
  }

  /// Sums of what peers sent stop at the largest number: none of them makes the driver overflow.
  package static func += (a: inout TaskMetrics, b: TaskMetrics) {
    a.rowsRead.add(b.rowsRead)
    a.bytesRead.add(b.bytesRead)
    a.rowsWritten.add(b.rowsWritten)
    a.bytesWritten.add(b.bytesWritten)
    a.shuffleReadBytes.add(b.shuffleReadBytes)
    a.shuffleWriteBytes.add(b.shuffleWriteBytes)
    a.microseconds.add(b.microseconds)
  }
}

extension Int {
  fileprivate mutating func add(_ other: Int) {
    let (sum, overflow) = addingReportingOverflow(other)
    self = overflow ? .max : sum
  }
}
