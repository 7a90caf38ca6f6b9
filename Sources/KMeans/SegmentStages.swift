// The stages of a segment step: --explain lists them and the run starts them.
import Engine
import Jobs

enum SegmentStages {
  static let measure = StageOutline(
    "read and measure", MomentsOperator.self, "moments of each column; the columns stay cached")
  static let transform = StageOutline("transform", MatrixOperator<SampleWork>.self, "float32 matrix")
  static let sample = StageOutline(
    "transform and sample", MatrixOperator<SampleWork>.self,
    "float32 matrix; about 20,000 rows to the driver")
  static let candidates = StageOutline(
    "choose candidates", MatrixOperator<CandidatesWork>.self, "k-means‖")
  static let iterate = StageOutline(
    "iterate", MatrixOperator<SumsWork>.self, "centroids out, sums back")
  static let farthest = StageOutline(
    "find far points", MatrixOperator<FarthestWork>.self, "only if a cluster becomes empty")
  static let evaluate = StageOutline(
    "evaluate", MatrixOperator<EvaluateWork>.self, "cost and simplified silhouette")
  static let assign = StageOutline(
    "assign and write", MatrixOperator<AssignWork>.self,
    "one Parquet file per task, and \(SegmentModel.fileName)")
}

extension SegmentStep {
  package static let operators: [any Operator.Type] = [
    MomentsOperator.self, MatrixOperator<SampleWork>.self, MatrixOperator<CandidatesWork>.self,
    MatrixOperator<SumsWork>.self, MatrixOperator<FarthestWork>.self, MatrixOperator<EvaluateWork>.self,
    MatrixOperator<AssignWork>.self,
  ]

  package var stages: [StageOutline] {
    var stages = [SegmentStages.measure]
    if initialCentroids != nil {
      stages.append(SegmentStages.transform)
    } else {
      stages.append(SegmentStages.sample)
      if options.initSteps > 0 {
        stages.append(SegmentStages.candidates.detailed("k-means‖, × \(options.initSteps)"))
      }
    }
    return stages + [
      SegmentStages.iterate.detailed("centroids out, sums back; × up to \(options.maxIterations)"),
      SegmentStages.farthest, SegmentStages.evaluate, SegmentStages.assign,
    ]
  }
}
