// The kinds of step that job files may use. To add one, add its type here: job files, the JSON schema, the reference,
// --explain, the workers' operators, the Spark program and the fuzz targets all follow from it.
import Clickstream
import Jobs
import KMeans
import Queries

extension StepRegistry {
  package static let standard = StepRegistry([
    FeaturesStep.self,
    IngestStep.self,
    QueryStep.self,
    SegmentStep.self,
  ])

  /// The standard steps and those of a user's own program.
  package static func including(_ own: [any Step.Type]) -> StepRegistry {
    StepRegistry(standard.types + own)
  }
}
