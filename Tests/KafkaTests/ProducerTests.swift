import CRdKafka
import Kafka
import Testing

@Suite struct ProducerTests {
  private func read(_ cluster: MockCluster, _ partition: Int32 = 0, _ name: String = "clicks") throws
    -> [String]
  {
    let topic = try KafkaTopic(KafkaClient(consuming: cluster.configuration()), name)
    let (low, high) = try topic.watermarks(partition)
    let range = OffsetRange(partition: partition, start: low, end: high)
    let messages = try PartitionReader(topic, range).rest()
    #expect(messages.map(\.offset) == Array(low..<high))
    return messages.map(\.text)
  }

  @Test func everyMessageIsDeliveredAndCounted() throws {
    let cluster = try MockCluster()
    cluster.topic("clicks")
    let producer = try KafkaProducer(cluster.configuration(), topic: "clicks")
    let texts = (0..<5000).map { "message \($0)" }
    try producer.send(texts)
    try producer.flush()
    #expect((producer.queued, producer.delivered, producer.failed) == (5000, 5000, 0))
    #expect(try read(cluster) == texts)
  }

  @Test func oneKeyGoesToOnePartition() throws {
    let cluster = try MockCluster()
    cluster.topic("clicks", partitions: 4)
    let producer = try KafkaProducer(cluster.configuration(), topic: "clicks")
    for user in 0..<40 { try producer.send((0..<5).map { "\(user) \($0)" }, key: "user \(user)") }
    try producer.flush()
    var partitions: [String: Set<Int32>] = [:]
    var order: [String: [String]] = [:]
    for partition in 0..<Int32(4) {
      for text in try read(cluster, partition) {
        let user = String(text.prefix { $0 != " " })
        partitions[user, default: []].insert(partition)
        order[user, default: []].append(text)
      }
    }
    #expect(partitions.count == 40 && partitions.values.allSatisfy { $0.count == 1 })
    #expect(Set(partitions.values).count == 4)
    #expect(order.allSatisfy { user, texts in texts == (0..<5).map { "\(user) \($0)" } })
  }

  @Test func leaderChangesAndLostConnectionsLoseAndDoubleNothing() throws {
    let cluster = try MockCluster(brokers: 3)
    cluster.topic("clicks")
    cluster.setLeader(1, of: "clicks")
    let producer = try KafkaProducer(
      cluster.configuration(["kafka.batch.num.messages": "50"]), topic: "clicks")
    let texts = (0..<3000).map { "message \($0)" }
    try producer.send(texts[..<1000])
    cluster.fail(
      .produce, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR__TRANSPORT,
      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT)
    cluster.setLeader(2, of: "clicks")
    try producer.send(texts[1000..<2000])
    try producer.flush()
    cluster.setLeader(3, of: "clicks")
    try producer.send(texts[2000...])
    try producer.flush()
    #expect((producer.delivered, producer.failed) == (3000, 0))
    // Each broker was the leader once, and answered wrongly three times.
    #expect(cluster.pending(.produce) <= 3, "the faults fired")
    #expect(try read(cluster) == texts)
  }

  @Test func aFullQueueIsWaitedFor() throws {
    let cluster = try MockCluster()
    cluster.topic("clicks")
    let producer = try KafkaProducer(
      cluster.configuration(["kafka.queue.buffering.max.messages": "20"]), topic: "clicks")
    let texts = (0..<500).map { "message \($0)" }
    try producer.send(texts)
    try producer.flush()
    #expect(producer.delivered == 500)
    #expect(try read(cluster) == texts)
  }

  @Test func whatIsRefusedIsCountedAndTold() throws {
    let cluster = try MockCluster()
    cluster.topic("clicks")
    let producer = try KafkaProducer(cluster.configuration(), topic: "clicks")
    cluster.fail(.produce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    try producer.send(["one"])
    // The error may end the whole client: an idempotent producer does not go on behind a gap.
    do { try producer.flush() } catch { #expect(error.isFatal) }
    #expect(producer.delivered == 0)
    #expect(producer.failed == 1)
    #expect(producer.firstFailure?.name == "TOPIC_AUTHORIZATION_FAILED")
    #expect(producer.firstFailure?.isRetriable == false)
  }

  @Test func brokersThatAreAwayAreToldInTime() throws {
    let cluster = try MockCluster()
    cluster.topic("clicks")
    cluster.setDown(1)
    let start = ContinuousClock.now
    let error = try #require(throws: KafkaError.self) {
      _ = try KafkaProducer(cluster.configuration(patience: 1), topic: "clicks")
    }
    #expect(error.isRetriable)
    #expect(error.description.contains("kafka://\(cluster.address)/clicks"))
    #expect(start.duration(to: .now) < .seconds(15))
  }
}
