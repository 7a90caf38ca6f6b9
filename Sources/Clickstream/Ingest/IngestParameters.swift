import Basics
import Kafka
import Storage

/// What the tasks of the step need to know.
struct IngestParameters: Hashable, Sendable {
  var kafka: KafkaConfiguration
  var topic: String
  var staging: StagingArea
  /// The most rejected messages of a split that are kept.
  var rejectedCap: Int
  var failOnDataLoss: Bool
  /// If more than this share of a split's messages is rejected, the step may fail, and needs them.
  var maxRejectedShare: Double
}

extension IngestParameters: WireCodable {
  init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      kafka: try reader.value(), topic: try reader.string(), staging: try reader.value(),
      rejectedCap: try reader.count(), failOnDataLoss: try reader.bool(),
      maxRejectedShare: try reader.double())
  }

  func encode(to writer: inout ByteWriter) {
    writer.value(kafka)
    writer.string(topic)
    writer.value(staging)
    writer.count(rejectedCap)
    writer.bool(failOnDataLoss)
    writer.double(maxRejectedShare)
  }
}

/// The result of a task.
struct IngestResult: Hashable, Sendable, WireCodable {
  /// Bytes of rejected messages that travel to the driver if the step may fail because of them.
  private static let mostRejectedBytes = 256 << 10

  var files: [StagedFile] = []
  var sideFiles: [StagedFile] = []
  private(set) var tally: ScanTally
  /// Offsets that were deleted before they were read, if that is allowed.
  var lost: Int64

  /// - Parameter fails: The step may fail because of the rejected messages, so that all that were kept are needed.
  init(tally: ScanTally, lost: Int64, fails: Bool) {
    self.tally = tally.reported(fails: fails, bytes: IngestResult.mostRejectedBytes)
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
