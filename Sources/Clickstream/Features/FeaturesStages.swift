import Engine
import Jobs

/// The two stages of the step, described once for the run and for `--explain`.
enum FeaturesStages {
  static let map = StageOutline(
    name: "scan and aggregate", operatorName: FeaturesMap.name,
    detail: "events of a split to partial sums by user and session")
  static let reduce = StageOutline(
    name: "merge and write", operatorName: FeaturesReduce.name,
    detail: "partial sums of a partition's users to rows of Parquet")

  static func graph(splits: [[UInt8]], partitions: Int, parameters: FeaturesParameters) -> StageGraph {
    let parameters = parameters.encoded
    return StageGraph([
      map.spec(parameters, inputs: splits, shufflePartitions: partitions),
      reduce.spec(parameters, inputs: Array(repeating: [], count: partitions), upstream: [0]),
    ])
  }

  /// - Parameters: Numbers of tasks; nil if the input is not there yet.
  static func plan(splits: Int?, partitions: Int?) -> [StepPlan.Stage] {
    [map.plan(tasks: splits), reduce.plan(tasks: partitions)]
  }
}
