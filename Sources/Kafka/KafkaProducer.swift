import CRdKafka

/// Publishes to one topic, each message exactly once and in order within its partition (an idempotent producer), and counts
/// confirmed messages. One thread at a time.
package final class KafkaProducer {
  /// Time limit for the first answer from a broker.
  private static let contactSeconds = 15

  private let client: KafkaClient
  private let topic: KafkaTopic
  package private(set) var queued = 0
  /// Messages confirmed by the brokers.
  package private(set) var delivered = 0
  /// Messages given up.
  package private(set) var failed = 0
  package private(set) var firstFailure: KafkaError?

  package init(_ configuration: KafkaConfiguration, topic name: String) throws(KafkaError) {
    client = try KafkaClient(
      .producer, configuration,
      defaults: [
        ("compression.type", "zstd"), ("compression.level", "1"), ("linger.ms", "20"),
        ("queue.buffering.max.messages", "200000"), ("batch.size", "1000000"),
        // The same partition for a key as Kafka's own clients.
        ("partitioner", "murmur2_random"),
        ("message.timeout.ms", "\(configuration.patience * 1000)"),
      ],
      fixed: [("enable.idempotence", "true")])
    topic = try KafkaTopic(client, name)
    // Reports a missing topic or broker now instead of for every message.
    _ = try topic.partitions(seconds: min(configuration.patience, KafkaProducer.contactSeconds))
  }

  /// Queues a message; both parts are copied. Waits while the queue is full.
  /// - Parameter key: Determines the partition; any if empty.
  /// - Throws: `KafkaError` if the client cannot continue, or nothing was confirmed within its time limit.
  package func send(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) throws(KafkaError) {
    var deadline: Deadline?
    while true {
      let result = rd_kafka_produce(
        topic.handle, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
        UnsafeMutableRawPointer(mutating: value.baseAddress), value.count,
        key.isEmpty ? nil : key.baseAddress,
        key.count, nil)
      if result == 0 {
        queued += 1
        return
      }
      let code = rd_kafka_last_error()
      guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL else {
        throw client.failure(code, topic.location, "cannot publish")
      }
      let before = delivered + failed
      try poll(wait: 100)
      if delivered + failed > before || deadline == nil {
        deadline = Deadline(seconds: client.configuration.patience)
      } else if deadline?.isOver == true {
        throw client.failure(RD_KAFKA_RESP_ERR__TIMED_OUT, topic.location, "the queue is full")
      }
    }
  }

  /// Counts confirmed deliveries, waiting at most `wait` milliseconds for the first.
  package func poll(wait: Int32 = 0) throws(KafkaError) {
    try client.poll(wait: wait) { messages in
      for case let message? in messages {
        if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
          delivered += 1
        } else {
          failed += 1
          if firstFailure == nil { fail(message.pointee.err) }
        }
      }
    }
  }

  private func fail(_ code: rd_kafka_resp_err_t) {
    firstFailure = KafkaError(
      code, location: topic.location, message: "not delivered: \(String(cString: rd_kafka_err2str(code)))")
  }

  /// Waits until all queued messages are confirmed or given up.
  /// - Throws: `KafkaError` if nothing happened within the client's time limit.
  package func flush() throws(KafkaError) {
    // Twice the time limit of a message: each is given up before.
    var deadline = Deadline(seconds: 2 * client.configuration.patience)
    while delivered + failed < queued {
      let before = delivered + failed
      try poll(wait: 100)
      if delivered + failed > before {
        deadline = Deadline(seconds: 2 * client.configuration.patience)
      } else if deadline.isOver {
        throw client.failure(
          RD_KAFKA_RESP_ERR__TIMED_OUT, topic.location,
          "\(queued - delivered - failed) messages were neither confirmed nor given up")
      }
    }
  }
}
