import Engine
import Formats
import Jobs
import Storage

/// What a run of the step reads and how the input is cut into splits. Depends only on the listing of the input and the job: the
/// same input and job give the same plan everywhere.
struct FeaturesPlan {
  private static let mostPartitions: Int64 = 256
  /// From this many on, their number is a multiple of 4, so that two or four slots finish together.
  private static let many: Int64 = 8

  let step: FeaturesStep
  let splits: [InputSplit]
  let partitions: Int
  /// Without the numbers that only a run has.
  let manifest: Manifest
  let folders: DateFolders

  var objects: [ObjectInfo] { folders.objects }

  /// - Throws: `StorageError.notFound` if there is no file.
  init(_ step: FeaturesStep) throws {
    self.step = step
    let all = try InputFolder.list(step.input, settings: step.settings)
    guard !all.isEmpty else {
      throw StorageError.notFound(
        location: step.input, message: "holds no files; expected events as JSON Lines, plain or compressed")
    }
    folders = try DateFolders(
      all, in: step.range, input: try OutputFolder(step.input, settings: step.settings), key: step.dateFolders
    )
    let objects = folders.objects
    let lines = try LineSplits(
      objects, in: try ObjectStores.store(for: step.input, settings: step.settings),
      targetBytes: step.splitBytes)
    splits = lines.splits
    let needed = min(max(1, (lines.textBytes - 1) / step.partitionBytes + 1), FeaturesPlan.mostPartitions)
    partitions = Int(needed < FeaturesPlan.many ? needed : (needed + 3) / 4 * 4)
    manifest = Manifest(
      step: FeaturesStep.type, program: FeatureTable.program,
      parameters: [
        "startDate": step.startDate, "endDate": step.endDate, "maxRejectedShare": "\(step.maxRejectedShare)",
        "sessionGapMinutes": "\(step.sessionGapMinutes)", "rejectedCap": "\(step.rejectedCap)",
        "splitBytes": "\(step.splitBytes)", "partitionBytes": "\(step.partitionBytes)",
        "runBytes": "\(step.runBytes)", "timeZone": step.timeZone, "utcOffsets": step.range.clock.text,
        "columns": Feature.definition,
      ],
      inputs: objects)
  }

  var completeOutput: Manifest? {
    (try? OutputFolder(step.output, settings: step.settings))?.complete(fingerprint: manifest.fingerprint)
  }

  func graph(staging: StagingArea) -> StageGraph {
    let parameters = FeaturesParameters(
      range: step.range, sessionGap: Int64(step.sessionGapMinutes) * 60_000, rejectedCap: step.rejectedCap,
      staging: staging, runBytes: step.runBytes, maxRejectedShare: step.maxRejectedShare
    ).encoded
    return StageGraph([
      FeaturesStep.map.spec(
        parameters: parameters, tasks: splits.map { TaskSpec(input: $0.encoded) },
        shufflePartitions: partitions),
      FeaturesStep.reduce.spec(
        parameters: parameters, tasks: (0..<partitions).map { _ in TaskSpec(input: []) }, upstream: [0]),
    ])
  }

  var explanation: StepPlan {
    let bytes = objects.reduce(Int64(0)) { $0 &+ $1.size }
    var facts: [(label: String, value: String)] = [
      ("input", step.input), ("objects", "\(objects.count)"), ("bytes", "\(bytes)"),
    ]
    if let dates = folders.skippedDates {
      facts.append(("not read", "\(folders.skipped) objects of other dates (\(dates))"))
    }
    facts += [
      ("splits", "\(splits.count)"), ("days", step.dates),
      (
        "fields read",
        "event_type, timestamp, user_id, " + OptionalField.allCases.map(\.name).joined(separator: ", ")
      ),
      ("shuffle", "by user_id into \(partitions) partition\(partitions == 1 ? "" : "s")"),
      ("columns written", Feature.all.map(\.name).joined(separator: ", ")),
      ("output", step.output),
    ]
    return StepPlan(
      facts: facts,
      stages: zip(step.stages, [splits.count, partitions]).map { StepPlan.Stage($0, tasks: $1) },
      isUpToDate: completeOutput != nil)
  }
}
