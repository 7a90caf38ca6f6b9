import Kafka
import Storage

/// What the runs so far have appended to the output, as its manifest records it. The next run starts where it ends, so position and
/// files are committed in one step.
struct IngestPosition: Hashable, Sendable {
  private static let topicKey = "kafka.topic"
  private static let offsetsKey = "kafka.offsets"

  let topic: String
  /// By partition: from the first offset of the first run up to, not including, the next offset to read.
  private(set) var covered: [Int32: OffsetRange] = [:]
  private(set) var totals = IngestTotals()

  init(topic: String) { self.topic = topic }

  /// - Parameter output: The name of the output in errors.
  /// - Throws: `StorageError.invalid` if the output holds something else.
  init(_ manifest: Manifest?, topic: String, output: String) throws {
    self.topic = topic
    guard let manifest else { return }
    guard manifest.step == IngestStep.type, let found = manifest.extra[IngestPosition.topicKey] else {
      throw StorageError.invalid(
        location: output,
        message: "was written by a step of type '\(manifest.step)'; choose another output folder for ingest")
    }
    guard found == topic else {
      throw StorageError.invalid(
        location: output,
        message: "holds the events of topic '\(found)'; choose another output folder for '\(topic)'")
    }
    let text = manifest.extra[IngestPosition.offsetsKey] ?? ""
    for item in text.split(separator: ",") {
      guard let range = OffsetRange(item), covered.updateValue(range, forKey: range.partition) == nil else {
        throw StorageError.corrupt(
          location: "\(output)/\(Manifest.fileName)", message: "'\(item)' is not a range of offsets")
      }
    }
    totals = IngestTotals(manifest)
  }

  /// The next offset to read, by partition.
  var next: [Int32: Int64] { covered.mapValues(\.end) }

  /// - Parameter ranges: What this run has read, each starting where its partition ended.
  mutating func append(_ ranges: [OffsetRange], _ run: IngestTotals) {
    for range in ranges {
      let start = covered[range.partition]?.start ?? range.start
      covered[range.partition] = OffsetRange(partition: range.partition, start: start, end: range.end)
    }
    totals.append(run)
  }

  /// For the manifest.
  var extra: [String: String] {
    let offsets = covered.values.sorted { $0.partition < $1.partition }.map(\.description)
    var extra = totals.extra
    extra[IngestPosition.topicKey] = topic
    extra[Manifest.dateFoldersKey] = "dt"
    extra[IngestPosition.offsetsKey] = offsets.joined(separator: ",")
    return extra
  }
}
