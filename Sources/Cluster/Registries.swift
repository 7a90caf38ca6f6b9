import Engine
import Workloads

extension OperatorRegistry {
  /// What every worker of this build can run.
  package static let standard = including([])

  /// The same, and those of a program of one's own.
  package static func including(_ own: [any Operator.Type]) -> OperatorRegistry {
    OperatorRegistry([FeaturesMap.self, FeaturesReduce.self] + KMeansOperators.all + own)
  }
}

extension StepRegistry {
  /// The types of step that job files may use.
  package static let standard = including([])

  /// The same, and those of a program of one's own.
  package static func including(_ own: [any Step.Type]) -> StepRegistry {
    StepRegistry([FeaturesStep.self, SegmentStep.self] + own)
  }
}
