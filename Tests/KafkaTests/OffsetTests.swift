import Basics
import CRdKafka
import Kafka
import Testing

@Suite struct OffsetTests {
  @Test func pieces() {
    let range = OffsetRange(partition: 3, start: 100, end: 350)
    #expect(range.cut(most: 1000) == [range])
    #expect(range.cut(most: 100).map { $0.start..<$0.end } == [100..<184, 184..<267, 267..<350])
    #expect(OffsetRange(partition: 0, start: 7, end: 7).cut(most: 10).isEmpty)
    for most in 1...60 {
      let pieces = range.cut(most: Int64(most))
      #expect(pieces.allSatisfy { $0.count <= most && $0.count > 0 && $0.partition == 3 })
      #expect(pieces.first?.start == 100 && pieces.last?.end == 350)
      #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.end == $1.start })
    }
  }

  @Test func textAndBytes() throws {
    let range = OffsetRange(partition: 12, start: 5, end: 9_000_000_000)
    #expect(range.description == "12:5-9000000000")
    #expect(OffsetRange(range.description) == range)
    #expect(try OffsetRange(decoding: range.encoded) == range)
    for text in ["", "1", "1:2", "1:5-2", "-1:2-3", "1:-2-3", "1:2-3-4", "a:1-2"] {
      #expect(OffsetRange(text) == nil)
    }
    #expect(throws: WireError.self) {
      try OffsetRange(decoding: OffsetRange(partition: 1, start: 9, end: 5).encoded)
    }
  }

  @Test func choices() {
    func choice(_ text: String) -> OffsetChoice? { OffsetChoice(text) { $0 == "noon" ? 12 : nil } }
    #expect(choice("earliest") == .earliest)
    #expect(choice("latest") == .latest)
    #expect(choice("0:5,2:17") == .explicit([0: 5, 2: 17]))
    #expect(choice("noon") == .timestamp(12))
    for text in ["", "early", "0:5,0:6", "0:-1", "0", "0:1,", "1:x"] { #expect(choice(text) == nil) }
  }

  private func topic(_ cluster: MockCluster, _ counts: [Int]) throws -> KafkaTopic {
    cluster.topic("clicks", partitions: Int32(counts.count))
    let topic = try KafkaTopic(KafkaClient(consuming: cluster.configuration(patience: 5)), "clicks")
    let producer = try KafkaProducer(cluster.configuration(), topic: "clicks")
    // Keys that land where they should are found by trying.
    var left = counts
    var key = 0
    while left.contains(where: { $0 > 0 }) {
      let before = try (0..<counts.count).map { try topic.watermarks(Int32($0)).high }
      try producer.send(["x"], key: "\(key)")
      try producer.flush()
      let after = try (0..<counts.count).map { try topic.watermarks(Int32($0)).high }
      let partition = try #require(zip(before, after).enumerated().first { $0.element.0 != $0.element.1 })
        .offset
      left[partition] -= 1
      if left[partition] > 0 {
        try producer.send((0..<left[partition]).map { _ in "x" }, key: "\(key)")
        try producer.flush()
        left[partition] = 0
      } else if left[partition] < 0 {
        left[partition] = 0
      }
      key += 1
    }
    return topic
  }

  private func plan(
    _ topic: KafkaTopic, covered: [Int32: Int64] = [:], from: OffsetChoice = .earliest,
    to: OffsetChoice = .latest,
    failOnDataLoss: Bool = true
  ) throws -> [String] {
    try OffsetPlan(topic, covered: covered, starting: from, ending: to, failOnDataLoss: failOnDataLoss)
      .ranges.map(\.description)
  }

  @Test func plans() throws {
    let cluster = try MockCluster()
    let topic = try topic(cluster, [50])
    let high = try topic.watermarks(0).high
    #expect(try topic.partitions() == [0])
    #expect(try plan(topic) == ["0:0-\(high)"])
    #expect(try plan(topic, from: .latest) == ["0:\(high)-\(high)"])
    #expect(try plan(topic, from: .explicit([0: 7]), to: .explicit([0: 20])) == ["0:7-20"])
    #expect(try plan(topic, covered: [0: 30], from: .latest) == ["0:30-\(high)"], "what was read decides")
    #expect(try plan(topic, covered: [0: 30], to: .explicit([0: 20])) == ["0:30-30"])
    let beyond = try #require(throws: OffsetsLost.self) { try plan(topic, covered: [0: high + 10]) }
    #expect(beyond.description.contains("offset \(high + 10) comes next, but it holds 0 to \(high - 1)"))
    #expect(try plan(topic, covered: [0: high + 10], failOnDataLoss: false) == ["0:0-\(high)"])
    let gone = try #require(throws: KafkaError.self) { try plan(topic, covered: [0: 1, 4: 9]) }
    #expect(gone.location.hasSuffix("partition 4"))
    let missing = try #require(throws: KafkaError.self) { try plan(topic, from: .explicit([1: 7])) }
    #expect(missing.message.contains("startingOffsets gives no offset"))
    let far = try #require(throws: KafkaError.self) { try plan(topic, to: .explicit([0: high + 1])) }
    #expect(far.message == "endingOffsets is \(high + 1), but its next offset is \(high)")
  }

  @Test func aNewPartitionBeginsAtItsFirstOffset() throws {
    let cluster = try MockCluster()
    let topic = try topic(cluster, [3, 3])
    let highs = try (0..<2).map { try topic.watermarks($0).high }
    #expect(try plan(topic, covered: [0: 1], from: .latest) == ["0:1-\(highs[0])", "1:0-\(highs[1])"])
  }

  @Test func questionsAreAskedAgain() throws {
    let cluster = try MockCluster()
    let topic = try topic(cluster, [5])
    cluster.fail(.listOffsets, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR__TRANSPORT)
    cluster.fail(.metadata, RD_KAFKA_RESP_ERR__TRANSPORT)
    #expect(try topic.watermarks(0).high > 0)
    #expect(try topic.partitions() == [0])
    #expect(cluster.pending(.listOffsets) == 0, "the faults fired")
  }

  @Test func aTopicThatIsNotThereIsTold() throws {
    let cluster = try MockCluster()
    cluster.topic("clicks")
    let topic = try KafkaTopic(KafkaClient(consuming: cluster.configuration(patience: 1)), "clicks")
    cluster.setDown(1)
    let error = try #require(throws: KafkaError.self) { try topic.partitions() }
    #expect(error.isRetriable && error.description.contains("/clicks: listing partitions"))
  }
}
