import Clickstream
import Engine
import Jobs
import KMeans

extension OperatorRegistry {
  /// What every worker of this build can run.
  package static let standard = including([])

  /// The same, and those of a program of one's own.
  package static func including(_ own: [any Operator.Type]) -> OperatorRegistry {
    OperatorRegistry(FeaturesStep.operators + IngestStep.operators + KMeansOperators.all + own)
  }
}

extension StepRegistry {
  /// The types of step that job files may use.
  package static let standard = including([])

  /// The same, and those of a program of one's own.
  package static func including(_ own: [any Step.Type]) -> StepRegistry {
    StepRegistry([IngestStep.self, FeaturesStep.self, SegmentStep.self] + own)
  }
}
