import Basics
import Kafka
import Storage

/// What every task of the step needs to know.
struct IngestParameters: Hashable, Sendable, WireCodable {
  var kafka: KafkaConfiguration
  var topic: String
  var staging: StagingArea
  /// The most rejected messages of a split that are kept.
  var rejectedCap: Int
  var failOnDataLoss: Bool

  init(
    kafka: KafkaConfiguration, topic: String, staging: StagingArea, rejectedCap: Int, failOnDataLoss: Bool
  ) {
    self.kafka = kafka
    self.topic = topic
    self.staging = staging
    self.rejectedCap = rejectedCap
    self.failOnDataLoss = failOnDataLoss
  }

  init(from reader: inout ByteReader) throws(WireError) {
    kafka = try reader.value()
    topic = try reader.string()
    staging = try reader.value()
    rejectedCap = try reader.count()
    failOnDataLoss = try reader.bool()
  }

  func encode(to writer: inout ByteWriter) {
    writer.value(kafka)
    writer.string(topic)
    writer.value(staging)
    writer.count(rejectedCap)
    writer.bool(failOnDataLoss)
  }
}

/// What a task tells the step.
struct IngestResult: Hashable, Sendable, WireCodable {
  /// Rejected messages that are told of in full when there are too many.
  private static let samples = 3

  var files: [StagedFile] = []
  var sideFiles: [StagedFile] = []
  private(set) var tally: ScanTally
  /// Offsets that were gone, where that is allowed.
  var lost: Int64

  init(tally: ScanTally, lost: Int64) {
    self.tally = tally.keeping(first: IngestResult.samples)
    self.lost = lost
  }

  init(from reader: inout ByteReader) throws(WireError) {
    files = try reader.list()
    sideFiles = try reader.list()
    tally = try reader.value()
    lost = try reader.signed()
  }

  func encode(to writer: inout ByteWriter) {
    writer.list(files)
    writer.list(sideFiles)
    writer.value(tally)
    writer.signed(lost)
  }
}
