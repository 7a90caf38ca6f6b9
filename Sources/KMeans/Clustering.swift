import Engine
import Wire

/// The options of a clustering run.
package struct ClusteringOptions: Sendable {
  /// The numbers of clusters to try; a single one unless `"auto"`.
  package var clusters: [Int]
  package var standardize = true
  package var seed: UInt64 = 0
  package var maxIterations = 100
  package var tolerance = 1e-4
  package var initSteps = 2
  package var restarts: Int?
  package var fill: Double?
  /// The job's settings, for access to the input.
  package var settings = Settings()
  /// In original units; nil to search for initial centroids.
  package var initialCentroids: Centroids?

  package init(clusters: [Int]) { self.clusters = clusters }
}

/// A clustering of all data.
package struct Clustered: Sendable {
  package var fit: Fit
  package var evaluation: Evaluation
  /// The requested number of clusters; the actual number is lower if there are too few distinct points.
  package var requested: Int
}

/// The driver program of k-means: runs the stages and decides between them.
package struct Clustering {
  let session: any JobSession
  let dataset: Dataset
  let columns: [String]
  let options: ClusteringOptions
  /// Prefix of every cache key of the run.
  let cachePrefix: String

  package struct Outcome {
    package var moments: Moments
    package var matrix: DistributedMatrix
    /// One model for each number of clusters, in the requested order.
    package var models: [Clustered]
  }

  package func run() throws -> Outcome {
    guard let most = options.clusters.max(), dataset.rows >= most, most >= 1 else {
      throw JobFailure.failed(
        "cannot make \(options.clusters.max() ?? 0) clusters from \(dataset.rows) rows"
      )
    }
    let tasks = dataset.shards.enumerated().map {
      TaskSpec(input: $1.encoded, cacheKey: "\(cachePrefix)\($0)")
    }
    session.status("reading \(dataset.rows) rows of \(columns.count) columns")
    let moments = try moments(tasks)
    let transform = Transform(moments, standardize: options.standardize)
    var matrix = DistributedMatrix(
      session: session, tasks: tasks,
      source: MatrixSource(
        columns: columns, fill: options.fill, settings: options.settings, transform: transform))
    let starts = try starts(&matrix, most: most)
    let lloyd = Lloyd(maxIterations: options.maxIterations, shiftTolerance: shiftTolerance(transform))
    let fits = try lloyd.run(starts.map(\.centroids), on: matrix, race: options.clusters.count == 1) {
      pass, fits in
      let running = fits.filter { !$0.converged }.count
      session.status("pass \(pass) over the data, \(running) of \(fits.count) starts still moving")
    }
    return Outcome(moments: moments, matrix: matrix, models: try best(of: fits, matrix))
  }

  private func shiftTolerance(_ transform: Transform) -> Double { options.tolerance * transform.meanVariance }

  private func moments(_ tasks: [TaskSpec]) throws -> Moments {
    let results: [MomentsOperator.Result] = try DistributedMatrix.run(
      session, SegmentStages.measure,
      MomentsOperator.parameters(columns: columns, fill: options.fill, settings: options.settings), tasks)
    var total = Moments(dimensions: columns.count)
    for result in results {
      if let fault = result.fault {
        throw TaskFailure.badInput(location: fault.location, message: fault.message)
      }
      guard result.moments.mean.count == columns.count else {
        throw JobFailure.failed("\(SegmentStages.measure.name): a task returned moments of the wrong shape")
      }
      total.merge(result.moments)
    }
    return total
  }

  /// Returns the initial centroids for the iterations over all data.
  private func starts(
    _ matrix: inout DistributedMatrix, most: Int
  ) throws -> [(clusters: Int, centroids: Centroids)] {
    let transform = matrix.source.transform
    if let given = options.initialCentroids {
      _ = try sample(&matrix, rows: 0, first: nil)
      return [(given.count, transform.transformed(given))]
    }
    let limit = max(2 * most, min(max(20_000, 20 * most), 8_000_000 / columns.count))
    let first = Int(
      CounterRandom.bits(seed: options.seed, stream: RandomStream.firstCentroid, index: 0)
        % UInt64(dataset.rows))
    session.status("choosing initial centroids")
    let points = try sample(&matrix, rows: limit, first: first)
    guard let firstIndex = points.rows.firstIndex(of: first) else {
      throw JobFailure.failed("sample: row \(first) is missing")
    }
    let candidates = try candidates(
      from: points.point(firstIndex, dimensions: columns.count), matrix, most: most)
    let search = StartSearch(
      sample: LocalPoints(
        PointMatrix(points: points.values, dimensions: columns.count), check: session.checkCancelled),
      isWhole: points.rows.count == dataset.rows, candidates: candidates, seed: options.seed,
      restarts: options.restarts, maxIterations: options.maxIterations,
      shiftTolerance: shiftTolerance(transform), check: session.checkCancelled)
    return try options.clusters.flatMap { clusters in
      // A sweep takes one start per number of clusters.
      try search.starts(clusters: clusters, limit: options.clusters.count > 1 ? 1 : StartSearch.finalists)
        .map { (clusters, $0) }
    }
  }

  private func sample(_ matrix: inout DistributedMatrix, rows: Int, first: Int?) throws -> PointList {
    let share = Double(rows) / Double(dataset.rows)
    let threshold: UInt64? = rows == 0 ? nil : share >= 1 ? .max : UInt64(share * 0x1p64)
    let work = SampleWork(seed: options.seed, threshold: threshold, row: first)
    var all = PointList()
    for result in try matrix.run(work, rows == 0 ? SegmentStages.transform : SegmentStages.sample) {
      matrix.totalSquares += result.totalSquares
      all.append(result.points)
    }
    try expect(all)
    return all
  }

  /// The first half of k-means‖: candidates from all data, weighted by the number of points nearest to them.
  private func candidates(
    from first: ArraySlice<Float>, _ matrix: DistributedMatrix, most: Int
  ) throws -> LocalPoints {
    var points = Array(first)
    for round in 0..<options.initSteps {
      let work = CandidatesWork(
        candidates: Centroids(
          count: points.count / columns.count, dimensions: columns.count, values: points.map(Double.init)),
        seed: options.seed, round: round, expected: 2 * Double(most))
      let results = try matrix.run(work, SegmentStages.candidates)
      let cost = results.reduce(0) { $0 + $1.cost }
      for result in results {
        try expect(result.points)
        for (index, row) in result.points.rows.enumerated()
        where work.chooses(row: row, distance: result.points.distances[index], cost: cost) {
          points += result.points.point(index, dimensions: columns.count)
        }
      }
    }
    let centroids = Centroids(
      count: points.count / columns.count, dimensions: columns.count, values: points.map(Double.init))
    let weights = try matrix.sums([centroids], isFirst: true)[0].weights
    return LocalPoints(
      PointMatrix(points: points, dimensions: columns.count), weights: weights, check: session.checkCancelled)
  }

  private func expect(_ points: PointList) throws {
    guard points.values.count == points.rows.count * columns.count else {
      throw JobFailure.failed("a task returned points of the wrong shape")
    }
  }

  /// Evaluates all fits in one pass and keeps the best for each number of clusters.
  private func best(of fits: [Fit], _ matrix: DistributedMatrix) throws -> [Clustered] {
    session.status("evaluating")
    let evaluations = try matrix.evaluate(fits.map(\.centroids))
    return try options.clusters.map { clusters in
      let indexes = fits.indices.filter { fits[$0].centroids.count == clusters }
      guard let best = indexes.min(by: { (evaluations[$0].cost, $0) < (evaluations[$1].cost, $1) }) else {
        throw JobFailure.failed("no start with \(clusters) clusters was left")
      }
      return try ordered(
        Clustered(fit: fits[best], evaluation: evaluations[best], requested: clusters), matrix)
    }
  }

  /// Sorts clusters by size and drops empty ones.
  private func ordered(_ model: Clustered, _ matrix: DistributedMatrix) throws -> Clustered {
    var model = model
    let sizes = model.evaluation.sizes
    let order = sizes.indices.filter { sizes[$0] > 0 }.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    model.fit.centroids = model.fit.centroids.selecting(order)
    if order.count < sizes.count {
      // An empty cluster's centroid may have counted as second nearest.
      model.evaluation = try matrix.evaluate([model.fit.centroids])[0]
    } else {
      model.evaluation.sizes = order.map { sizes[$0] }
    }
    return model
  }
}
