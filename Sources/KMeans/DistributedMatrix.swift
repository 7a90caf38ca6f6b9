import Basics
import Engine
import Jobs

/// The driver's view of the matrix, whose shards are in the caches of workers. Reductions run in shard order.
package struct DistributedMatrix: PointSource {
  let session: any JobSession
  let tasks: [TaskSpec]
  let source: MatrixSource
  package var totalSquares = 0.0

  package var dimensions: Int { source.columns.count }

  func run<Work: MatrixWork>(_ work: Work, _ stage: StageOutline) throws -> [Work.Result] {
    try DistributedMatrix.run(session, stage, MatrixOperator<Work>.parameters(source, work), tasks)
  }

  /// Runs one stage and decodes what its tasks return.
  static func run<Result: WireCodable>(
    _ session: any JobSession, _ stage: StageOutline, _ parameters: [UInt8], _ tasks: [TaskSpec]
  ) throws -> [Result] {
    try session.checkCancelled()
    let results = try session.run(StageGraph([stage.spec(parameters: parameters, tasks: tasks)]))
    guard results.count == tasks.count else {
      throw JobFailure.failed("\(stage.name): \(results.count) results of \(tasks.count) tasks")
    }
    return try results.decoded(stage: stage.name)
  }

  package func sums(_ starts: [Centroids], isFirst: Bool) throws -> [ClusterSums] {
    let results = try run(SumsWork(starts: starts), SegmentStages.iterate)
    return try starts.indices.map { index in
      var total = ClusterSums(clusters: starts[index].count, dimensions: dimensions)
      for result in results {
        guard result.items.count == starts.count,
          result.items[index].sums.count == total.sums.count,
          result.items[index].weights.count == total.weights.count
        else { throw JobFailure.failed("iterate: a task returned sums of the wrong shape") }
        total += result.items[index]
      }
      return total
    }
  }

  package func farthest(_ centroids: Centroids, count: Int) throws -> [FarPoint] {
    let all = try run(FarthestWork(centroids: centroids, count: count), SegmentStages.farthest).flatMap(
      \.items)
    guard all.allSatisfy({ $0.cluster < centroids.count && $0.values.count == dimensions }) else {
      throw JobFailure.failed("find far points: a task returned points of the wrong shape")
    }
    return Array(all.sorted(by: FarPoint.precedes).prefix(count))
  }

  func evaluate(_ models: [Centroids]) throws -> [Evaluation] {
    let results = try run(EvaluateWork(models: models), SegmentStages.evaluate)
    return try models.indices.map { index in
      var total = Evaluation(clusters: models[index].count)
      for result in results {
        guard result.items.count == models.count, result.items[index].sizes.count == total.sizes.count else {
          throw JobFailure.failed("evaluate: a task returned sizes of the wrong shape")
        }
        total += result.items[index]
      }
      return total
    }
  }
}
