import CRdKafka
import Kafka
import Testing
import Wire

/// librdkafka's own brokers inside this process, which fail when they are told to. Each partition keeps its last 5 MB.
final class MockCluster {
  enum Request: Int16 {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case initProducerID = 22
  }

  private let client: OpaquePointer
  private let cluster: OpaquePointer
  let brokers: Int32

  init(brokers: Int32 = 1) throws {
    self.brokers = brokers
    client = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nil, 0))
    cluster = try #require(rd_kafka_mock_cluster_new(client, brokers))
  }

  deinit {
    rd_kafka_mock_cluster_destroy(cluster)
    rd_kafka_destroy(client)
  }

  var address: String { String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

  /// - Parameter patience: Seconds.
  func configuration(_ settings: [String: String] = [:], patience: Int = 20) -> KafkaConfiguration {
    var all = settings
    // Waits between attempts that make sense between machines only cost time here.
    for (key, value) in [
      "retry.backoff.ms": "5", "reconnect.backoff.ms": "5", "reconnect.backoff.max.ms": "50",
    ] {
      all["kafka." + key] = value
    }
    return KafkaConfiguration(brokers: address, settings: Settings(all), patience: patience)
  }

  func topic(_ name: String, partitions: Int32 = 1) {
    #expect(rd_kafka_mock_topic_create(cluster, name, partitions, brokers) == RD_KAFKA_RESP_ERR_NO_ERROR)
  }

  func setLeader(_ broker: Int32, of topic: String, _ partition: Int32 = 0) {
    #expect(
      rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker) == RD_KAFKA_RESP_ERR_NO_ERROR)
  }

  func setDown(_ broker: Int32) { rd_kafka_mock_broker_set_down(cluster, broker) }
  func setUp(_ broker: Int32) { rd_kafka_mock_broker_set_up(cluster, broker) }

  /// The next requests of the kind get these answers, from each of the brokers. Where the code is 0 the answer is right, but late.
  func fail(_ request: Request, _ errors: rd_kafka_resp_err_t..., milliseconds: Int32 = 0) {
    for error in errors {
      for broker in 1...brokers {
        let done = swiftlet_mock_push_error(cluster, broker, request.rawValue, error, milliseconds)
        #expect(done == RD_KAFKA_RESP_ERR_NO_ERROR)
      }
    }
  }

  /// Errors that were not met yet.
  func pending(_ request: Request) -> Int {
    (1...brokers).reduce(0) { sum, broker in
      var count = 0
      rd_kafka_mock_broker_error_stack_cnt(cluster, broker, request.rawValue, &count)
      return sum + count
    }
  }
}

extension KafkaProducer {
  /// Sends messages of these texts with the key `key`.
  func send(_ texts: some Sequence<String>, key: String = "key") throws {
    for var text in texts {
      var key = key
      try key.withUTF8 { key in
        try text.withUTF8 { try send(key: UnsafeRawBufferPointer(key), value: UnsafeRawBufferPointer($0)) }
      }
    }
  }
}

extension PartitionReader {
  /// All messages that are left.
  func rest() throws -> [(offset: Int64, text: String)] {
    var found: [(Int64, String)] = []
    while try next({ found.append(($0.offset, String(decoding: $0.payload, as: UTF8.self))) }) {}
    return found
  }
}
