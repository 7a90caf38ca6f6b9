import CRdKafka

/// One librdkafka client, the only owner of its handle, closed with its object. It has its own threads for network and
/// decompression. Calls block; one thread at a time.
package final class KafkaClient {
  enum Role { case consumer, producer }

  package let configuration: KafkaConfiguration
  let handle: OpaquePointer
  /// An error or a delivery report.
  private let events: OpaquePointer
  private var lastError: String?

  /// A client that reads.
  package convenience init(consuming configuration: KafkaConfiguration) throws(KafkaError) {
    try self.init(
      .consumer, configuration,
      defaults: [
        // A task reads one partition: enough in flight to keep it busy, with bounded memory.
        ("queued.max.messages.kbytes", "16384"), ("queued.min.messages", "1000000"),
      ],
      fixed: [
        // These events mark the end of a range, even after gaps without messages.
        ("enable.partition.eof", "true"),
        // A deleted offset is an error; never skip ahead.
        ("auto.offset.reset", "error"),
        // Offsets are stored only in the output's manifest.
        ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
        ("allow.auto.create.topics", "false"),
      ])
  }

  init(
    _ role: Role, _ configuration: KafkaConfiguration, defaults: [(String, String)],
    fixed: [(String, String)]
  ) throws(KafkaError) {
    self.configuration = configuration
    let conf = try configuration.make(
      defaults: defaults + [("client.id", "swiftlet")],
      fixed: fixed + [("bootstrap.servers", configuration.brokers)])
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_DR)
    var text = [CChar](repeating: 0, count: 512)
    let type = role == .consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
    guard let handle = rd_kafka_new(type, conf, &text, text.count) else {
      rd_kafka_conf_destroy(conf)
      throw KafkaError(location: configuration.location, message: KafkaConfiguration.text(text))
    }
    guard let events = rd_kafka_queue_get_main(handle) else {
      rd_kafka_destroy(handle)
      throw KafkaError(location: configuration.location, message: "out of memory for a client")
    }
    self.handle = handle
    self.events = events
  }

  deinit {
    rd_kafka_queue_destroy(events)
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
  }

  /// Handles pending events, waiting at most `wait` milliseconds.
  /// - Parameter delivered: Receives the messages of each delivery report.
  /// - Throws: A fatal error of the client.
  func poll(
    wait: Int32 = 0,
    delivered: (UnsafeMutableBufferPointer<UnsafePointer<rd_kafka_message_t>?>) -> Void = { _ in }
  ) throws(KafkaError) {
    var wait = wait
    while let event = rd_kafka_queue_poll(events, wait) {
      defer { rd_kafka_event_destroy(event) }
      wait = 0
      switch rd_kafka_event_type(event) {
      case RD_KAFKA_EVENT_DR:
        withUnsafeTemporaryAllocation(of: UnsafePointer<rd_kafka_message_t>?.self, capacity: 512) { buffer in
          while case let count = rd_kafka_event_message_array(event, buffer.baseAddress, buffer.count),
            count > 0
          {
            delivered(.init(rebasing: buffer[..<count]))
          }
        }
      case RD_KAFKA_EVENT_ERROR:
        let code = rd_kafka_event_error(event)
        if code == RD_KAFKA_RESP_ERR__FATAL { throw fatal() }
        lastError = rd_kafka_event_error_string(event).map { String(cString: $0) }
      default: break
      }
    }
  }

  private func fatal() -> KafkaError {
    var text = [CChar](repeating: 0, count: 512)
    let code = rd_kafka_fatal_error(handle, &text, text.count)
    return KafkaError(
      code, location: configuration.location, message: KafkaConfiguration.text(text), isFatal: true)
  }

  /// The error with librdkafka's last message (which broker, and why), as its codes say little.
  func failure(_ code: rd_kafka_resp_err_t, _ location: String, _ doing: String) -> KafkaError {
    do throws(KafkaError) { try poll() } catch { return error }
    let cause = String(cString: rd_kafka_err2str(code))
    return KafkaError(
      code, location: location,
      message: "\(doing): \(cause)" + (lastError.map { "; the last error was: \($0)" } ?? ""))
  }

  /// Repeats a request until it succeeds, fails for good, or time is over.
  /// - Parameter request: Receives its time limit in milliseconds.
  func request(
    _ location: String, _ doing: String, seconds: Int? = nil,
    isFinal: (rd_kafka_resp_err_t) -> Bool = { _ in false },
    _ request: (Int32) -> rd_kafka_resp_err_t
  ) throws(KafkaError) {
    let deadline = Deadline(seconds: seconds ?? configuration.patience)
    while true {
      let code = request(deadline.milliseconds(most: 10_000))
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { return }
      let error = failure(code, location, doing)
      if !error.isRetriable || isFinal(code) || deadline.isOver { throw error }
      // Avoids spinning on immediate failures; events end the wait early.
      try poll(wait: deadline.milliseconds(most: 100))
    }
  }
}

/// A deadline for waiting.
struct Deadline {
  private let end: ContinuousClock.Instant

  init(seconds: Int) { end = .now + .seconds(seconds) }

  var isOver: Bool { ContinuousClock.now >= end }

  /// The remaining milliseconds, from 1 to `most`.
  func milliseconds(most: Int32) -> Int32 {
    let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
    return Int32(min(max(1, left), Double(most)))
  }
}
