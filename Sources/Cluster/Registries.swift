import Engine
import Workloads

extension OperatorRegistry {
  /// What every worker of this build can run.
  package static let standard = OperatorRegistry(
    [FeaturesMap.self, FeaturesReduce.self] + KMeansOperators.all)
}

extension StepRegistry {
  /// The types of step that job files may use.
  package static let standard = StepRegistry([FeaturesStep.self, SegmentStep.self])
}
