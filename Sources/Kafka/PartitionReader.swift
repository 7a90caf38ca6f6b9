import CRdKafka

/// One message, valid during the callback.
package struct KafkaRecord {
  package let offset: Int64
  /// Empty for a tombstone too.
  package let payload: UnsafeRawBufferPointer
}

/// Reads the messages of an offset range of one partition in order, by explicit assignment without a consumer group.
///
/// The range is complete when a message at or after its end arrives, or when the partition reports its end:
/// offsets without a message (compaction, transaction markers, aborted transactions) do not block it. Blocking; one thread.
package final class PartitionReader {
  private static let batch = 4096

  private let topic: KafkaTopic
  private let range: OffsetRange
  private let failOnDataLoss: Bool
  private let queue: OpaquePointer
  private let messages: UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>
  /// Everything before it was delivered or has no message.
  package private(set) var position: Int64
  /// The number of lost offsets, if data loss is allowed.
  package private(set) var lost: Int64 = 0
  private var deadline: Deadline
  private var isReading = false

  /// - Parameter failOnDataLoss: Whether lost offsets are an error.
  package init(_ topic: KafkaTopic, _ range: OffsetRange, failOnDataLoss: Bool = true) throws(KafkaError) {
    self.topic = topic
    self.range = range
    self.failOnDataLoss = failOnDataLoss
    guard let queue = rd_kafka_queue_new(topic.client.handle) else {
      throw KafkaError(location: topic.location, message: "no memory")
    }
    self.queue = queue
    messages = .allocate(capacity: PartitionReader.batch)
    messages.initialize(repeating: nil)
    position = range.start
    deadline = Deadline(seconds: topic.client.configuration.patience)
    try begin()
  }

  deinit {
    stop()
    rd_kafka_queue_destroy(queue)
    messages.deallocate()
  }

  private func begin() throws(KafkaError) {
    guard position < range.end else { return }
    guard rd_kafka_consume_start_queue(topic.handle, range.partition, position, queue) == 0 else {
      throw topic.client.failure(rd_kafka_last_error(), location, "cannot read")
    }
    isReading = true
  }

  private func stop() {
    if isReading { rd_kafka_consume_stop(topic.handle, range.partition) }
    isReading = false
  }

  private var location: String { topic.location(range.partition) }

  /// Passes the next messages to `body`, a few thousand at most; waits a little if there are none.
  /// - Returns: false after the last message. true without messages lets the caller check for cancellation.
  /// - Throws: `KafkaError`, `OffsetsLost`, or what `body` throws.
  package func next(_ body: (KafkaRecord) throws -> Void) throws -> Bool {
    guard position < range.end else { return false }
    // Do not wait for a full batch: take what is available, or the first message to arrive.
    var count = rd_kafka_consume_batch_queue(queue, 0, messages.baseAddress, messages.count)
    if count == 0 { count = rd_kafka_consume_batch_queue(queue, 100, messages.baseAddress, 1) }
    guard count >= 0 else { throw topic.client.failure(rd_kafka_last_error(), location, "cannot read") }
    defer {
      for message in messages[..<count] { rd_kafka_message_destroy(message) }
    }
    let before = position
    for case let message? in messages[..<count] {
      try take(message, body)
      if position >= range.end { break }
    }
    if position > before {
      deadline = Deadline(seconds: topic.client.configuration.patience)
    } else if deadline.isOver {
      throw stalled()
    }
    if position >= range.end { stop() }
    return position < range.end
  }

  @inline(__always)
  private func take(
    _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ body: (KafkaRecord) throws -> Void
  ) throws {
    let offset = message.pointee.offset
    guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
      return try take(message.pointee.err, at: offset)
    }
    // Skip messages already passed on, whatever a reconnected client delivers.
    guard offset >= position else { return }
    guard offset < range.end else {
      position = range.end
      return
    }
    try body(
      KafkaRecord(
        offset: offset,
        payload: UnsafeRawBufferPointer(start: message.pointee.payload, count: message.pointee.len)))
    position = offset + 1
  }

  private func take(_ code: rd_kafka_resp_err_t, at offset: Int64) throws {
    switch code {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      if offset > position { position = min(offset, range.end) }
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      try passOverLost()
    default:
      let error = topic.client.failure(code, location, "reading at offset \(position)")
      // librdkafka retries by itself; if that fails, the time limit applies.
      if !error.isRetriable { throw error }
    }
  }

  /// The position is outside the partition's offsets.
  private func passOverLost() throws {
    let (low, high) = try topic.watermarks(range.partition)
    // The broker may lag behind; ask again.
    let isThere = (low...high).contains(position)
    if !isThere {
      let wanted = OffsetRange(partition: range.partition, start: position, end: range.end)
      guard !failOnDataLoss else {
        throw OffsetsLost(location: location, wanted: wanted, low: low, high: high)
      }
      let next = position < low ? min(low, range.end) : range.end
      lost += next - position
      position = next
    }
    stop()
    try begin()
  }

  private func stalled() -> KafkaError {
    topic.client.failure(
      RD_KAFKA_RESP_ERR__TIMED_OUT, location,
      "no progress for \(topic.client.configuration.patience) s at offset \(position) of \(range.start) to "
        + "\(range.end - 1)")
  }
}
