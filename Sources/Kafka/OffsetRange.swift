import Basics

/// A half-open range of offsets of one partition. Not every offset has a message: compaction and transactions
/// leave gaps.
package struct OffsetRange: Hashable, Sendable, WireCodable, CustomStringConvertible {
  package var partition: Int32
  package var start: Int64
  package var end: Int64

  package init(partition: Int32, start: Int64, end: Int64) {
    self.partition = partition
    self.start = start
    self.end = end
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    partition = try reader.integer()
    start = try reader.signed()
    end = try reader.signed()
    guard partition >= 0, start >= 0, end >= start else { throw .invalid("offset range \(self)") }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.integer(partition)
    writer.signed(start)
    writer.signed(end)
  }

  package var count: Int64 { end - start }

  /// `3:100-250`: partition, first offset, the offset after the last.
  package var description: String { "\(partition):\(start)-\(end)" }

  /// Reads what `description` wrote.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let partition = Int32(parts[0]) else { return nil }
    let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let start = Int64(ends[0]), let end = Int64(ends[1]), partition >= 0, start >= 0,
      end >= start
    else { return nil }
    self.init(partition: partition, start: start, end: end)
  }

  /// Splits the range into nearly equal pieces of at most `most` offsets. Depends on the range only; empty for an empty range.
  package func cut(most: Int64) -> [OffsetRange] {
    guard count > 0 else { return [] }
    let pieces = (count - 1) / max(1, most) + 1
    let (length, longer) = count.quotientAndRemainder(dividingBy: pieces)
    var ranges: [OffsetRange] = []
    var next = start
    for index in 0..<pieces {
      let end = next + length + (index < longer ? 1 : 0)
      ranges.append(OffsetRange(partition: partition, start: next, end: end))
      next = end
    }
    return ranges
  }
}
