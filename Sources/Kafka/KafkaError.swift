import CRdKafka
import Wire

/// An error from Kafka. Its code and flags carry the meaning; the message is never parsed.
package struct KafkaError: TaskError, Hashable, Sendable, CustomStringConvertible {
  /// librdkafka's code: negative for its own errors, positive for broker errors, 0 for ours.
  package let code: Int32
  /// Name of the code, such as `_TRANSPORT`; empty for ours.
  package let name: String
  /// `kafka://broker:9092/topic, partition 3`
  package let location: String
  /// A complete message for the user.
  package let message: String
  /// Whether the same call may succeed later.
  package let isRetriable: Bool
  /// Whether the client cannot continue.
  package let isFatal: Bool

  init(_ code: rd_kafka_resp_err_t, location: String, message: String, isFatal: Bool = false) {
    self.code = code.rawValue
    self.name = String(cString: rd_kafka_err2name(code))
    self.location = location
    self.message = message
    self.isFatal = isFatal
    isRetriable = !isFatal && KafkaError.isRetriable(code)
  }

  /// Our own error: the user must change something.
  package init(location: String, message: String) {
    code = 0
    name = ""
    self.location = location
    self.message = message
    isRetriable = false
    isFatal = false
  }

  package var description: String {
    "\(location): \(message)" + (name.isEmpty ? "" : " (\(name))")
  }

  /// The task failure that this error becomes.
  package var taskFailure: TaskFailure { isRetriable ? .transient(description) : .fatal(description) }

  /// librdkafka sets the flag only for transaction errors. This is Kafka's own list of retriable errors plus librdkafka's codes for a
  /// missing connection.
  private static func isRetriable(_ code: rd_kafka_resp_err_t) -> Bool {
    switch code {
    case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT,
      RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__RESOLVE,
      RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__BAD_MSG,
      RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
      RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
      RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
      RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
      RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
      RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      true
    default: false
    }
  }
}

/// Offsets to read no longer exist in the partition, or never did.
package struct OffsetsLost: TaskError, Hashable, Sendable, CustomStringConvertible {
  package let location: String
  /// The requested offset.
  package let wanted: OffsetRange
  /// The available offsets, half-open.
  package let low: Int64
  package let high: Int64

  package var description: String {
    let missing =
      wanted.count > 0
      ? "offsets \(wanted.start) to \(wanted.end - 1) are wanted" : "offset \(wanted.start) comes next"
    let there = low < high ? "it holds \(low) to \(high - 1)" : "it holds nothing, its next offset is \(high)"
    let cause =
      wanted.start < low
      ? "earlier messages were deleted (retention)"
      : "it is shorter than before, so the topic was probably deleted and recreated"
    return
      "\(location): \(missing), but \(there): \(cause). With failOnDataLoss false, lost offsets are skipped and counted"
  }

  /// The offsets are lost for good, so the job fails.
  package var taskFailure: TaskFailure { .badInput(location: location, message: description) }
}
