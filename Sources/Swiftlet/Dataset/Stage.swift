import Engine
import Storage
import Wire

/// A stage of a pipeline: from its input to the shuffle or output that ends it.
struct Stage: Sendable {
  /// The identity of a stage. A dataset that is used twice leads to the same stage twice, but the stage runs once.
  final class ID: Sendable {}

  let id = ID()
  let name: String
  let input: StageInput
  /// nil for the last stage.
  let partitioning: Partitioning?
  let run: @Sendable (StageTask) throws -> TaskOutput
}

/// The input of a stage.
enum StageInput: Sendable {
  case source(any Source)
  /// The partitions written by earlier stages.
  case stages([Stage.ID])
}

/// How the output of a stage is partitioned for the stages that read it.
enum Partitioning: Sendable {
  /// By key, into the job's number of partitions.
  case partitions
  case single
}

/// Stages in topological order, without duplicates. The last stage ends in a shuffle read by a dataset, or in the output.
struct StageList: Sendable {
  private(set) var stages: [Stage] = []

  func appending(_ stage: Stage) -> StageList {
    var list = self
    list.stages.append(stage)
    return list
  }

  func union(_ other: StageList) -> StageList {
    var known = Set(stages.map { ObjectIdentifier($0.id) })
    var list = self
    list.stages += other.stages.filter { known.insert(ObjectIdentifier($0.id)).inserted }
    return list
  }

  /// Indexes of the stages that a stage reads, in input order.
  func upstream(of index: Int) -> [Int] {
    guard case .stages(let inputs) = stages[index].input else { return [] }
    return inputs.compactMap { input in stages.firstIndex { $0.id === input } }
  }
}

/// A source of records.
protocol Source: Sendable {
  /// A display name, such as `lines of /data/raw`.
  var name: String { get }

  /// Splits the source into tasks. Runs on the driver; the result depends only on the data.
  func plan(_ settings: Settings) throws -> SourcePlan
}

struct SourcePlan: Sendable {
  /// The input of each task.
  var tasks: [[UInt8]]
  var objects: [ObjectInfo] = []
  /// Estimated uncompressed size in bytes, which determines the number of partitions.
  var bytes: Int64
}
