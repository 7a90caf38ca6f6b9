import Kafka
import Synchronization

/// Publishes a click stream to a Kafka topic in time order: one message per event, without its line end, keyed by user, so that
/// each user's events stay in order in one partition.
package final class EventPublisher: Sendable {
  private let generator: EventGenerator
  private let configuration: KafkaConfiguration
  private let topic: String
  private let pacer: Pacer?
  /// Events per batch: a twentieth of a second at a low rate.
  private let limit: Int
  private let seconds: Double?

  private let sent = Atomic(0)
  private let confirmed = Atomic(0)
  private let stopped = Atomic(false)

  /// - Parameters:
  ///   - rate: Events per second; nil for no limit.
  ///   - seconds: Time after which no more events are sent; nil for all events.
  package init(
    _ generator: EventGenerator, _ configuration: KafkaConfiguration, topic: String, rate: Double?,
    seconds: Double?
  ) {
    self.generator = generator
    self.configuration = configuration
    self.topic = topic
    self.seconds = seconds
    pacer = rate.map { Pacer(rate: $0) }
    limit = rate.map { max(1, Int(min($0 / 20, 1e6))) } ?? .max
  }

  /// Messages queued, and messages confirmed by the brokers, so far; any thread.
  package var progress: (sent: Int, delivered: Int) {
    (sent.load(ordering: .relaxed), confirmed.load(ordering: .relaxed))
  }

  /// Stops sending; `run` returns when all sent messages are confirmed. Any thread.
  package func cancel() { stopped.store(true, ordering: .relaxed) }

  private var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Blocks until every message is confirmed or has failed. Called once.
  /// - Throws: `KafkaError` if the topic cannot be used; the counts include what was sent before.
  package func run() throws -> EventPublisherSummary {
    let start = ContinuousClock.now
    let producer = try KafkaProducer(configuration, topic: topic)
    defer { count(producer) }
    let stream = generator.stream()
    let batch = EventBatch(capacity: 256 << 10)
    var events = 0
    var bytes = 0
    let end = seconds.map { ContinuousClock.now + .seconds($0) }
    while !isStopped, stream.fill(batch, limit: limit) {
      pacer?.wait(batch.events) { isStopped }
      if isStopped { break }
      if let end, .now >= end { break }
      for record in batch.records {
        let line = batch.bytes[record.line.dropLast()]
        try producer.send(
          key: UnsafeRawBufferPointer(rebasing: batch.bytes[record.key]),
          value: UnsafeRawBufferPointer(rebasing: line))
        bytes += line.count
      }
      events += batch.events
      try producer.poll()
      count(producer)
    }
    try producer.flush()
    count(producer)
    return EventPublisherSummary(
      sent: producer.queued, malformed: producer.queued - events, delivered: producer.delivered,
      failed: producer.failed,
      failure: producer.firstFailure, bytes: bytes, seconds: start.duration(to: .now) / .seconds(1),
      wasInterrupted: isStopped)
  }

  private func count(_ producer: KafkaProducer) {
    sent.store(producer.queued, ordering: .relaxed)
    confirmed.store(producer.delivered, ordering: .relaxed)
  }
}

/// The outcome of the messages.
package struct EventPublisherSummary: Sendable {
  package let sent: Int
  /// Sent messages that are malformed lines.
  package let malformed: Int
  /// Confirmed by the brokers.
  package let delivered: Int
  /// Failed.
  package let failed: Int
  package let failure: KafkaError?
  /// Bytes of all messages, before compression.
  package let bytes: Int
  package let seconds: Double
  package let wasInterrupted: Bool
}
