import CRdKafka
import Kafka
import Testing

@Suite struct PartitionReaderTests {
  private static let count: Int64 = 2000

  private func cluster(brokers: Int32 = 1) throws -> MockCluster {
    let cluster = try MockCluster(brokers: brokers)
    cluster.topic("clicks")
    cluster.setLeader(1, of: "clicks")
    let producer = try KafkaProducer(
      cluster.configuration(["kafka.batch.num.messages": "100"]), topic: "clicks")
    try producer.send((0..<PartitionReaderTests.count).map { "message \($0)" })
    try producer.flush()
    #expect(producer.delivered == Int(PartitionReaderTests.count))
    return cluster
  }

  private func reader(
    _ cluster: MockCluster, _ range: Range<Int64>, patience: Int = 20, failOnDataLoss: Bool = true,
    settings: [String: String] = [:]
  ) throws -> PartitionReader {
    let client = try KafkaClient(consuming: cluster.configuration(settings, patience: patience))
    return try PartitionReader(
      KafkaTopic(client, "clicks"), OffsetRange(partition: 0, start: range.lowerBound, end: range.upperBound),
      failOnDataLoss: failOnDataLoss)
  }

  private func expect(_ messages: [(offset: Int64, text: String)], _ range: Range<Int64>) {
    #expect(messages.map(\.offset) == Array(range))
    #expect(messages.allSatisfy { $0.text == "message \($0.offset)" })
  }

  @Test(arguments: [0..<2000, 0..<1, 777..<1234, 1999..<2000, 100..<200] as [Range<Int64>])
  func exactlyTheRange(_ range: Range<Int64>) throws {
    let cluster = try cluster()
    expect(try reader(cluster, range).rest(), range)
  }

  @Test func anEmptyRangeHoldsNothing() throws {
    let cluster = try cluster()
    #expect(try reader(cluster, 50..<50).rest().isEmpty)
  }

  @Test func errorsOfBrokersAndConnectionsAreReadThrough() throws {
    let cluster = try cluster()
    cluster.fail(
      .fetch, RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
      RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
      RD_KAFKA_RESP_ERR__TRANSPORT)
    expect(try reader(cluster, 0..<2000).rest(), 0..<2000)
    #expect(cluster.pending(.fetch) == 0, "the faults fired")
  }

  @Test func slowAnswersAreWaitedFor() throws {
    let cluster = try cluster()
    cluster.fail(
      .fetch, RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NO_ERROR, milliseconds: 300)
    let start = ContinuousClock.now
    expect(try reader(cluster, 0..<2000).rest(), 0..<2000)
    #expect(start.duration(to: .now) >= .milliseconds(300))
    #expect(cluster.pending(.fetch) == 0, "the faults fired")
  }

  @Test func theLeaderMovesInTheMiddle() throws {
    let cluster = try cluster(brokers: 3)
    // Little comes with a request, so there are many left when the leader moves.
    let reader = try reader(
      cluster, 0..<2000,
      settings: ["kafka.fetch.message.max.bytes": "2000", "kafka.queued.min.messages": "1"])
    var found: [(offset: Int64, text: String)] = []
    var leader: Int32 = 1
    while try reader.next({ found.append(($0.offset, String(decoding: $0.payload, as: UTF8.self))) }) {
      if found.count > 400 * Int(leader), leader < 4 {
        leader += 1
        cluster.setLeader((leader - 1) % 3 + 1, of: "clicks")
      }
    }
    #expect(leader == 4, "the leader moved three times")
    expect(found, 0..<2000)
  }

  @Test func theBrokerGoesAndComesBack() throws {
    let cluster = try cluster()
    let reader = try reader(
      cluster, 0..<2000,
      settings: ["kafka.fetch.message.max.bytes": "2000", "kafka.queued.min.messages": "1"])
    var found: [(offset: Int64, text: String)] = []
    var isDown = false
    var empty = 0
    while found.count < 2000 {
      let before = found.count
      let more = try reader.next { found.append(($0.offset, String(decoding: $0.payload, as: UTF8.self))) }
      if !more { break }
      if before < 500, found.count >= 500 {
        cluster.setDown(1)
        isDown = true
      }
      if isDown, found.count == before { empty += 1 }
      if isDown, empty == 3 {
        cluster.setUp(1)
        isDown = false
      }
    }
    #expect(empty >= 3, "reading stood still")
    expect(found, 0..<2000)
  }

  @Test func anEndThatNeverComesIsAnErrorInTime() throws {
    let cluster = try cluster()
    let start = ContinuousClock.now
    let error = try #require(throws: KafkaError.self) { try reader(cluster, 1990..<2100, patience: 1).rest() }
    #expect(error.isRetriable)
    #expect(error.location == "kafka://\(cluster.address)/clicks, partition 0")
    #expect(error.message.contains("at offset 2000 of 1990 to 2099"))
    #expect(start.duration(to: .now) < .seconds(15))
  }

  @Test func whatMayNotBeReadIsAnErrorAtOnce() throws {
    let cluster = try cluster()
    cluster.fail(.fetch, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    let error = try #require(throws: KafkaError.self) { try reader(cluster, 0..<2000).rest() }
    #expect(error.name == "TOPIC_AUTHORIZATION_FAILED")
    #expect(!error.isRetriable)
  }

  /// A cluster whose partition has lost its first messages, and the first that is left.
  private func aged() throws -> (MockCluster, low: Int64, high: Int64) {
    let cluster = try cluster()
    let producer = try KafkaProducer(
      cluster.configuration(["kafka.compression.type": "none"]), topic: "clicks")
    let long = String(repeating: "x", count: 100_000)
    try producer.send((0..<100).map { _ in long })
    try producer.flush()
    let topic = try KafkaTopic(KafkaClient(consuming: cluster.configuration()), "clicks")
    let (low, high) = try topic.watermarks(0)
    #expect(low > 0 && high == PartitionReaderTests.count + 100)
    return (cluster, low, high)
  }

  @Test func offsetsThatAreGoneAreNamed() throws {
    let (cluster, low, high) = try aged()
    let error = try #require(throws: OffsetsLost.self) { try reader(cluster, 5..<high).rest() }
    #expect(error.location.hasSuffix("/clicks, partition 0"))
    #expect(error.wanted == OffsetRange(partition: 0, start: 5, end: high))
    #expect((error.low, error.high) == (low, high))
    #expect(
      error.description.contains("offsets 5 to \(high - 1) are wanted, but it holds \(low) to \(high - 1)"))
  }

  @Test func offsetsThatAreGoneArePassedOverWhereThatIsAllowed() throws {
    let (cluster, low, high) = try aged()
    let reader = try reader(cluster, 5..<high, failOnDataLoss: false)
    #expect(try reader.rest().map(\.offset) == Array(low..<high))
    #expect(reader.lost == low - 5)
    let gone = try self.reader(cluster, 5..<9, failOnDataLoss: false)
    #expect(try gone.rest().isEmpty)
    #expect(gone.lost == 4)
  }
}
