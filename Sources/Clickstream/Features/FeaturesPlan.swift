import Engine
import Formats
import Jobs
import Storage

/// What a run of the step reads and how it is cut, found from the listing of its input alone: the same input and job give the
/// same plan everywhere.
struct FeaturesPlan {
  private static let mostPartitions: Int64 = 256
  /// From so many on, their number is a multiple of 4: two or four slots end together.
  private static let many: Int64 = 8

  let step: FeaturesStep
  let objects: [ObjectInfo]
  let splits: [InputSplit]
  let partitions: Int
  /// Without what only a run knows.
  let manifest: Manifest

  /// - Throws: `StorageError.notFound` where there is no file.
  init(_ step: FeaturesStep) throws {
    self.step = step
    objects = try InputFolder.list(step.input, settings: step.settings)
    guard !objects.isEmpty else {
      throw StorageError.notFound(
        place: step.input, message: "holds no files; expected events as JSON Lines")
    }
    let lines = try LineSplits(
      objects, in: try ObjectStores.store(for: step.input, settings: step.settings),
      targetBytes: step.splitBytes)
    splits = lines.splits
    let needed = min(max(1, (lines.textBytes - 1) / step.partitionBytes + 1), FeaturesPlan.mostPartitions)
    partitions = Int(needed < FeaturesPlan.many ? needed : (needed + 3) / 4 * 4)
    manifest = Manifest(
      step: FeaturesStep.type,
      parameters: [
        "startDate": step.startDate, "endDate": step.endDate, "maxRejectedShare": "\(step.maxRejectedShare)",
        "sessionGapMinutes": "\(step.sessionGapMinutes)", "rejectedCap": "\(step.rejectedCap)",
        "splitBytes": "\(step.splitBytes)", "partitionBytes": "\(step.partitionBytes)",
        "runBytes": "\(step.runBytes)",
      ],
      inputs: objects)
  }

  var completeOutput: Manifest? {
    (try? OutputFolder(step.output, settings: step.settings))?.complete(fingerprint: manifest.fingerprint)
  }

  func graph(staging: StagingArea) -> StageGraph {
    let parameters = FeaturesParameters(
      range: step.range, sessionGap: Int64(step.sessionGapMinutes) * 60_000, rejectedCap: step.rejectedCap,
      staging: staging, runBytes: step.runBytes
    ).encoded
    let map = StageSpec(
      name: "scan and aggregate", operatorName: FeaturesMap.name, parameters: parameters,
      tasks: splits.map { TaskSpec(input: $0.encoded) }, shufflePartitions: partitions)
    let reduce = StageSpec(
      name: "merge and write", operatorName: FeaturesReduce.name, parameters: parameters,
      tasks: (0..<partitions).map { _ in TaskSpec(input: []) }, upstream: [0])
    return StageGraph([map, reduce])
  }

  /// Of a step whose input a step before it will make.
  static func early(_ step: FeaturesStep) -> StepPlan {
    StepPlan(
      facts: [
        ("input", "\(step.input): not there yet; a step before this one must make it"),
        ("output", step.output),
      ],
      stages: [
        StepPlan.Stage(
          name: "scan and aggregate", operatorName: FeaturesMap.name, tasks: nil,
          detail: "events of a split to partial sums by user and session"),
        StepPlan.Stage(
          name: "merge and write", operatorName: FeaturesReduce.name, tasks: nil,
          detail: "partial sums of a partition's users to rows of Parquet"),
      ],
      isUpToDate: false)
  }

  var explanation: StepPlan {
    let bytes = objects.reduce(Int64(0)) { $0 &+ $1.size }
    return StepPlan(
      facts: [
        ("input", step.input), ("objects", "\(objects.count)"), ("bytes", "\(bytes)"),
        ("splits", "\(splits.count)"),
        ("days", "\(step.startDate) to \(step.endDate) (UTC)"),
        (
          "fields read",
          "event_type, timestamp, user_id, session_id, page_url, device, duration_ms, price, quantity"
        ),
        ("shuffle", "by user_id into \(partitions) partition\(partitions == 1 ? "" : "s")"),
        ("columns written", FeatureTable.fields.map(\.name).joined(separator: ", ")),
        ("output", step.output),
      ],
      stages: [
        StepPlan.Stage(
          name: "scan and aggregate", operatorName: FeaturesMap.name, tasks: splits.count,
          detail: "events of a split to partial sums by user and session"),
        StepPlan.Stage(
          name: "merge and write", operatorName: FeaturesReduce.name, tasks: partitions,
          detail: "partial sums of a partition's users to rows of Parquet"),
      ],
      isUpToDate: completeOutput != nil)
  }
}
