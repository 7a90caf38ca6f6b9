/// One line of a batch.
package struct EventRecord: Sendable {
  /// Milliseconds since 1970; of a malformed line, that of the event before it.
  package let timestamp: Int64
  /// Bytes of the line in the batch, its line feed included.
  package let line: Range<Int>
  /// Bytes of the user's id in the batch: the key of a Kafka message. Empty for a malformed line.
  package let key: Range<Int>
}

/// Lines on their way out. The memory is used again and again; one thread at a time.
package final class EventBatch {
  /// No line is longer, nor a malformed one after it.
  static let longestLine = 4096

  let memory: UnsafeMutableRawPointer
  private let capacity: Int
  private(set) var used = 0
  package private(set) var records: [EventRecord] = []
  /// Lines that are valid events.
  package private(set) var events = 0

  /// - Parameter capacity: Bytes; at least what a few lines need.
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
