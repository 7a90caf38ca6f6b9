import Engine
import Storage
import Wire

/// What a stage reads: a source, or the partitions that earlier stages left.
enum StageInput: Sendable {
  case source(any Source)
  /// Indexes of stages of the same pipeline.
  case stages([Int])

  func shifted(by count: Int) -> StageInput {
    if case .stages(let stages) = self { .stages(stages.map { $0 + count }) } else { self }
  }
}

/// How the output of a stage is cut for those that read it.
enum Partitioning: Sendable {
  /// Into as many partitions as the job has, by the key.
  case partitions
  /// Not at all.
  case single
}

/// A stage of a pipeline, from its input to the shuffle (or the output) that ends it.
struct Stage: Sendable {
  var name: String
  var input: StageInput
  /// nil for the last stage.
  var partitioning: Partitioning?
  var run: @Sendable (StageTask) throws -> TaskOutput

  func shifted(by count: Int) -> Stage {
    var stage = self
    stage.input = input.shifted(by: count)
    return stage
  }
}

/// Where records come from.
protocol Source: Sendable {
  /// For people: `lines of /data/raw`.
  var name: String { get }

  /// Cuts it into tasks, by what is there alone. On the driver.
  func plan(_ settings: Settings) throws -> SourcePlan
}

struct SourcePlan: Sendable {
  /// The input of each task.
  var tasks: [[UInt8]]
  var objects: [ObjectInfo] = []
  /// Estimated uncompressed bytes, which decide the number of partitions.
  var bytes: Int64
}
