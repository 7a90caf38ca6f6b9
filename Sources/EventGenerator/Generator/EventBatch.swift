/// One line of a batch.
package struct EventRecord: Sendable {
  /// Milliseconds since 1970; a malformed line has the time of the event before it.
  package let timestamp: Int64
  /// Byte range of the line in the batch, including its line feed.
  package let line: Range<Int>
  /// Byte range of the user id in the batch, the key of a Kafka message. Empty for a malformed line.
  package let key: Range<Int>
}

/// Generated lines, ready to be written. The memory is reused; one thread at a time.
package final class EventBatch {
  /// The most bytes of an event and the malformed lines after it.
  static let longestLine = 4096

  let memory: UnsafeMutableRawPointer
  private let capacity: Int
  private(set) var used = 0
  package private(set) var records: [EventRecord] = []
  /// Lines that are valid events.
  package private(set) var events = 0

  /// - Parameter capacity: Bytes; at least a few lines.
  package init(capacity: Int = 1 << 20) {
    self.capacity = max(capacity, 4 * EventBatch.longestLine)
    memory = .allocate(byteCount: self.capacity, alignment: 16)
  }

  deinit { memory.deallocate() }

  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: used) }

  var hasRoom: Bool { capacity - used >= 2 * EventBatch.longestLine }

  func removeAll() {
    used = 0
    events = 0
    records.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  func append(timestamp: Int64, end: UnsafeMutableRawPointer, keyOffset: Int, keyLength: Int) {
    let line = used..<end - memory
    let key = used + keyOffset
    records.append(EventRecord(timestamp: timestamp, line: line, key: key..<key + keyLength))
    used = line.upperBound
    if keyLength > 0 { events += 1 }
  }
}
