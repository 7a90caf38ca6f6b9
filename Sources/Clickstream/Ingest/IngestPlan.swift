import Engine
import Jobs
import Kafka
import Storage

/// What a run of the step reads, according to the output's manifest and the offsets of the topic.
struct IngestPlan {
  let step: IngestStep
  /// The position before the run.
  let position: IngestPosition
  let offsets: OffsetPlan
  let splits: [OffsetRange]

  /// Asks the brokers.
  /// - Throws: `KafkaError`, `OffsetsLost`, `StorageError`.
  init(_ step: IngestStep, manifest: Manifest?) throws {
    self.step = step
    position = try IngestPosition(manifest, topic: step.topic, output: step.output)
    let topic = try KafkaTopic(KafkaClient(consuming: step.kafka), step.topic)
    offsets = try OffsetPlan(
      topic, covered: position.next, starting: step.starting, ending: step.ending,
      failOnDataLoss: step.failOnDataLoss)
    splits = offsets.ranges.flatMap { $0.cut(most: step.maxOffsetsPerSplit) }
  }

  /// There is nothing to read, and the output already says so.
  var isUpToDate: Bool { splits.isEmpty && position.next.count == offsets.ranges.count }

  func graph(staging: StagingArea) -> StageGraph {
    let parameters = IngestParameters(
      kafka: step.kafka, topic: step.topic, staging: staging, rejectedCap: step.rejectedCap,
      failOnDataLoss: step.failOnDataLoss, maxRejectedShare: step.maxRejectedShare)
    return StageGraph([
      IngestStep.read.spec(
        parameters: parameters.encoded, tasks: splits.map { TaskSpec(input: $0.encoded) })
    ])
  }

  var explanation: StepPlan {
    let count = offsets.ranges.reduce(Int64(0)) { $0 + $1.count }
    return StepPlan(
      facts: [
        ("topic", "\(step.kafka.brokers), \(step.topic)"),
        ("partitions", "\(offsets.ranges.count)"),
        ("offsets", "\(count): " + offsets.ranges.map(\.description).joined(separator: ", ")),
        ("read so far", position.covered.isEmpty ? "nothing" : position.extra["kafka.offsets"] ?? ""),
        ("splits", "\(splits.count)"),
        ("output", step.output),
      ],
      stages: [StepPlan.Stage(IngestStep.read, tasks: splits.count)],
      isUpToDate: isUpToDate)
  }
}
