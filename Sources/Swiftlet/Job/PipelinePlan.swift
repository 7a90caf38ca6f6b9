import Basics
import Engine
import Jobs
import Storage
import Wire

/// The input of a pipeline run and how it is split: a function of the input listing and the job's options.
struct PipelinePlan {
  private static let partitionBytes: Int64 = 64 << 20
  private static let mostPartitions: Int64 = 256

  let pipeline: Pipeline
  let operatorName: String
  let options: JSONValue
  /// Indexed by stage; nil for stages that read other stages.
  private let sources: [SourcePlan?]
  /// Number of partitions of every shuffle, except shuffles into a single partition.
  let partitions: Int

  private let settings: Settings

  /// - Parameters:
  ///   - partitions: nil to derive the number from the size of the input.
  ///   - settings: For access to object stores.
  init<J: Job>(_ job: J, partitions: Int?, settings: Settings) throws {
    self.settings = settings
    pipeline = try job.pipeline()
    operatorName = PipelineOperator<J>.name
    options = JobOptions(job).json
    sources = try pipeline.stages.map { stage in
      if case .source(let source) = stage.input { try source.plan(settings) } else { nil }
    }
    let bytes = sources.reduce(Int64(0)) { min($0 + ($1?.bytes ?? 0), 1 << 60) }
    let fitting = (max(1, bytes) - 1) / PipelinePlan.partitionBytes + 1
    self.partitions = partitions ?? Int(min(fitting, PipelinePlan.mostPartitions))
  }

  var objects: [ObjectInfo] {
    var seen: Set<ObjectInfo> = []
    return sources.flatMap { $0?.objects ?? [] }.filter { seen.insert($0).inserted }
  }

  func partitions(of stage: Int) -> Int? {
    switch pipeline.stages[stage].partitioning {
    case nil: nil
    case .single?: 1
    case .partitions?: partitions
    }
  }

  func tasks(of stage: Int) -> [TaskSpec] {
    switch pipeline.stages[stage].input {
    case .source: (sources[stage]?.tasks ?? []).map { TaskSpec(input: $0) }
    case .stages:
      Array(
        repeating: TaskSpec(input: []),
        count: pipeline.list.upstream(of: stage).first.flatMap { partitions(of: $0) } ?? 0)
    }
  }

  /// - Parameters:
  ///   - output: The output folder of the last stage, if it writes files.
  ///   - run: The job's id.
  ///   - tag: See ``StagingArea/tag``.
  func graph(output: String?, run: String, tag: String = "") throws -> StageGraph {
    let options = JSONText.compact(options)
    return StageGraph(
      try pipeline.stages.enumerated().map { index, stage in
        let parameters = StageParameters(
          options: options, stage: index, stageName: stage.name, output: output, run: run, tag: tag,
          settings: settings.encoded)
        return StageSpec(
          name: stage.name, operatorName: operatorName, parameters: try RecordBytes.encode(parameters),
          tasks: tasks(of: index), shufflePartitions: partitions(of: index),
          upstream: pipeline.list.upstream(of: index))
      })
  }

  var explanation: StepPlan {
    let objects = objects
    let bytes = objects.reduce(Int64(0)) { $0 &+ $1.size }
    var facts = [
      ("objects", "\(objects.count)"), ("bytes", "\(bytes)"), ("shuffle", "into \(partitions) partitions"),
    ]
    if case .save(let path, let format) = pipeline.end { facts.append(("output", "\(path) (\(format))")) }
    let stages = pipeline.stages.indices.map { index in
      StepPlan.Stage(
        StageOutline(name: pipeline.stages[index].name, operatorName: operatorName, detail: ""),
        tasks: tasks(of: index).count)
    }
    return StepPlan(facts: facts, stages: stages, isUpToDate: false)
  }
}
