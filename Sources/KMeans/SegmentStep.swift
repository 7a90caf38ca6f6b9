import Basics
import Columns
import Engine
import Jobs
import Storage

/// The `segment` step: k-means over a Parquet table.
package struct SegmentStep: Step {
  package static let type = "segment"
  package static let help = "Groups the rows of a Parquet table into segments with k-means."

  package static let fields: [Field] = [
    .input("input", help: "Folder of Parquet files, or one file, with one row per user."),
    .output("output", help: "Folder for the segments (Parquet) and the model; replaced as a whole."),
    Field(
      "clusters", .either(.integer(min: 1, max: 100_000), .choice(["auto"])),
      help: "Number of segments, or \"auto\": the number with the best simplified silhouette."),
    Field(
      "minClusters", .integer(min: 1, max: 1000), default: .integer(2),
      help: "Smallest number of segments that \"auto\" tries."),
    Field(
      "maxClusters", .integer(min: 1, max: 1000), default: .integer(10),
      help: "Largest number of segments that \"auto\" tries."),
    Field(
      "columns", .strings, optional: true,
      help: "Columns to cluster by. Default: all numeric columns except timestamps."),
    Field("idColumn", .string, default: .string("user_id"), help: "Column that identifies the rows."),
    Field(
      "standardize", .bool, default: .bool(true),
      help: "Whether columns are scaled to mean 0 and standard deviation 1 first."),
    Field(
      "seed", .integer(min: 0, max: nil), default: .integer(0),
      help: "Seed of the random numbers; equal seeds give identical results."
    ),
    Field(
      "maxIterations", .integer(min: 1, max: 100_000), default: .integer(100),
      help: "Maximum number of passes over the data."),
    Field(
      "tolerance", .number(min: 0, max: nil), default: .number(1e-4),
      help:
        "Converged when the summed squared shift of all centroids is at most this × the mean variance of the columns."
    ),
    Field(
      "initialCenters", .uri, optional: true,
      help: "JSON file with the initial centroids: an array in original units, or a _model.json."),
    Field("initSteps", .integer(min: 0, max: 20), default: .integer(2), help: "Rounds of k-means‖."),
    Field(
      "restarts", .integer(min: 1, max: 10_000), optional: true,
      help: "Number of starts tried on a sample. Default: 4 to 32, more for smaller inputs."),
    Field(
      "fill", .number(min: -RawColumns.largest, max: RawColumns.largest), optional: true,
      help: "Value that replaces nulls and NaN; without it they are errors."),
  ]

  package static var spark: SparkSupport { .program(SegmentSpark.program) }

  let values: FieldValues
  let input: String
  let output: String
  let idColumn: String
  let named: [String]?
  let initialCentroids: String?
  let isAuto: Bool
  let options: ClusteringOptions

  package init(_ values: FieldValues) throws(JobFileError) {
    self.values = values
    input = try values.string("input")
    output = try values.string("output")
    idColumn = try values.string("idColumn")
    named = values.optionalStrings("columns")
    initialCentroids = values.optionalString("initialCenters")
    if let named {
      if named.isEmpty { throw values.error("columns", "expected at least one column") }
      if named.contains(idColumn) {
        throw values.error("columns", "'\(idColumn)' is the id column and cannot be clustered by")
      }
    }
    isAuto = values.optionalString("clusters") == "auto"
    var options: ClusteringOptions
    if isAuto {
      let least = try values.integer("minClusters")
      let most = try values.integer("maxClusters")
      guard least <= most else {
        throw values.error("maxClusters", "expected at least minClusters (\(least)), found \(most)")
      }
      if initialCentroids != nil {
        throw values.error("initialCenters", "requires a number of clusters, not \"auto\"")
      }
      options = ClusteringOptions(clusters: Array(least...most))
    } else {
      options = ClusteringOptions(clusters: [try values.integer("clusters")])
    }
    options.settings = values.settings
    options.standardize = try values.bool("standardize")
    options.seed = UInt64(clamping: try values.integer("seed"))
    options.maxIterations = try values.integer("maxIterations")
    options.tolerance = try values.number("tolerance")
    options.initSteps = try values.integer("initSteps")
    options.restarts = values.optionalInteger("restarts")
    options.fill = values.optionalNumber("fill")
    self.options = options
  }

  package func run(_ session: any JobSession, force: Bool) throws -> StepReport {
    let resolved = try resolve()
    let manifest = try manifest(resolved)
    let folder = try OutputFolder(output, settings: options.settings)
    if !force, folder.isComplete(fingerprint: manifest.fingerprint),
      let model = try? SegmentModel(
        json: try ObjectStores.contents(
          of: folder.uri.appending(SegmentModel.fileName).description, settings: options.settings))
    {
      return report(model, skipped: true)
    }
    let run = "\(session.job).\(values.location.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })"
    let prefix = "kmeans/\(run)/"
    defer { session.dropCache(prefix: prefix) }
    let committer = try OutputCommitter(
      output: output, run: run, settings: options.settings, fingerprint: manifest.fingerprint)
    defer { committer.abort() }
    try committer.begin(replacingAs: SegmentStep.type) { session.status($0) }

    let clustering = Clustering(
      session: session, dataset: resolved.dataset, columns: resolved.columns, options: resolved.options,
      cachePrefix: prefix)
    let outcome = try clustering.run()
    let (clustered, choice) = choose(outcome.models)
    let transform = outcome.matrix.source.transform
    let model = SegmentModel(
      columns: resolved.columns, moments: outcome.moments, transform: transform, clustered: clustered,
      seed: options.seed, choice: choice)
    session.status("writing segments")
    let files = try outcome.matrix.run(
      AssignWork(
        centroids: clustered.fit.centroids, unit: transform.unit, idColumn: idColumn,
        staging: committer.staging),
      SegmentStages.assign)
    let page = SegmentReport(model, title: "User segments", moments: outcome.moments).html
    let side = [
      try committer.stage(name: SegmentModel.fileName, bytes: try model.encoded()),
      try committer.stage(name: SegmentReport.fileName, bytes: Array(page.utf8)),
    ]
    try session.checkCancelled()
    try committer.publish(files: files, sideFiles: side, manifest: manifest)
    return report(model, skipped: false)
  }

  private func choose(_ models: [Clustered]) -> (Clustered, ClusterChoice?) {
    guard isAuto else { return (models[0], nil) }
    let choice = ClusterChoice(
      models.map { model in
        let sizes = model.evaluation.sizes
        return ClusterChoice.Row(
          clusters: model.requested, cost: model.evaluation.cost, silhouette: model.evaluation.silhouette,
          smallestShare: Double(sizes.min() ?? 0) / Double(max(1, sizes.reduce(0, +))))
      })
    return (models.first { $0.requested == choice.clusters } ?? models[0], choice)
  }

  private func report(_ model: SegmentModel, skipped: Bool) -> StepReport {
    let page = PlainText.path(output, SegmentReport.fileName)
    return StepReport(
      output: output, skipped: skipped,
      values: [
        "clusters": .count(model.sizes.count), "iterations": .count(model.iterations),
        "cost": .number(model.cost), "silhouette": model.silhouette.map { .number($0) } ?? .null,
        "sizes": .array(model.sizes.map { .count($0) }), "report": .string(page),
      ],
      text: SegmentTable.text(model) + "\n\n  As a page: \(page)")
  }
}
