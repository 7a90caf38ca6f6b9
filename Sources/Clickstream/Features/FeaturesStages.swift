import Engine
import Jobs

/// The two stages of the step, described once for the run and for `--explain`.
enum FeaturesStages {
  static let map = StageOutline(
    "scan and aggregate", FeaturesMap.self, "events of a split to partial sums by user and session")
  static let reduce = StageOutline(
    "merge and write", FeaturesReduce.self, "partial sums of a partition's users to rows of Parquet")

  static let all = [map, reduce]

  static func graph(splits: [[UInt8]], partitions: Int, parameters: FeaturesParameters) -> StageGraph {
    let parameters = parameters.encoded
    return StageGraph([
      map.spec(parameters, inputs: splits, shufflePartitions: partitions),
      reduce.spec(parameters, inputs: Array(repeating: [], count: partitions), upstream: [0]),
    ])
  }
}
