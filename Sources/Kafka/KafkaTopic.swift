import CRdKafka

/// The partitions and offsets of a topic, from the brokers. Each call ends within the client's time limit.
package final class KafkaTopic {
  /// A new topic takes a moment until every broker knows it.
  private static let unknownSeconds = 5

  package let name: String
  let client: KafkaClient
  let handle: OpaquePointer

  package init(_ client: KafkaClient, _ name: String) throws(KafkaError) {
    self.client = client
    self.name = name
    guard let handle = rd_kafka_topic_new(client.handle, name, nil) else {
      throw client.failure(
        rd_kafka_last_error(), "\(client.configuration.location)/\(name)", "cannot use the topic")
    }
    self.handle = handle
  }

  deinit { rd_kafka_topic_destroy(handle) }

  package var location: String { "\(client.configuration.location)/\(name)" }

  func location(_ partition: Int32) -> String { "\(location), partition \(partition)" }

  /// The numbers of the partitions, ascending.
  /// - Parameter seconds: Time limit; nil for that of the client.
  package func partitions(seconds: Int? = nil) throws(KafkaError) -> [Int32] {
    var found: [Int32] = []
    let unknown = Deadline(seconds: KafkaTopic.unknownSeconds)
    try client.request(
      location, "listing partitions", seconds: seconds,
      isFinal: { $0 == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART && unknown.isOver }
    ) { wait in
      var metadata: UnsafePointer<rd_kafka_metadata>?
      let code = rd_kafka_metadata(client.handle, 0, handle, &metadata, wait)
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return code }
      defer { rd_kafka_metadata_destroy(metadata) }
      guard metadata.pointee.topic_cnt == 1, let topic = metadata.pointee.topics?.pointee else {
        return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
      }
      guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return topic.err }
      found = UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt)).map(\.id).sorted()
      return found.isEmpty ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : RD_KAFKA_RESP_ERR_NO_ERROR
    }
    return found
  }

  /// The partition's first offset, and the one after the last visible to readers.
  package func watermarks(_ partition: Int32) throws(KafkaError) -> (low: Int64, high: Int64) {
    var low: Int64 = 0
    var high: Int64 = 0
    try client.request(location(partition), "querying first and last offsets") { wait in
      rd_kafka_query_watermark_offsets(client.handle, name, partition, &low, &high, wait)
    }
    return (low, max(low, high))
  }

  /// The first offset of each partition with a timestamp at or after `time`, milliseconds since 1970 UTC; nil if there is none.
  package func offsets(notBefore time: Int64, _ partitions: [Int32]) throws(KafkaError) -> [Int32: Int64] {
    guard let list = rd_kafka_topic_partition_list_new(Int32(partitions.count)) else {
      throw KafkaError(location: location, message: "no memory")
    }
    defer { rd_kafka_topic_partition_list_destroy(list) }
    for partition in partitions { rd_kafka_topic_partition_list_add(list, name, partition) }
    func items() -> UnsafeMutableBufferPointer<rd_kafka_topic_partition_t> {
      UnsafeMutableBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
    }
    try client.request(location, "querying offsets by time") { wait in
      for index in items().indices { items()[index].offset = time }
      let code = rd_kafka_offsets_for_times(client.handle, list, wait)
      return code != RD_KAFKA_RESP_ERR_NO_ERROR
        ? code : items().first { $0.err != RD_KAFKA_RESP_ERR_NO_ERROR }?.err ?? code
    }
    var found: [Int32: Int64] = [:]
    for item in items() where item.offset >= 0 { found[item.partition] = item.offset }
    return found
  }
}
