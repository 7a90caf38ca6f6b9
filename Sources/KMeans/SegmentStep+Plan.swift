import Basics
import Engine
import Jobs
import Storage

/// A step together with the schema of its input.
struct ResolvedSegmentation {
  var dataset: Dataset
  var columns: [String]
  var options: ClusteringOptions
  var initialCentroids: ObjectInfo?
}

extension SegmentStep {
  /// Reads the footers of the input and checks the step against them.
  func resolve() throws -> ResolvedSegmentation {
    let dataset = try Dataset(input, settings: options.settings)
    let columns: [String]
    do {
      columns = try ColumnChoice.columns(named, id: idColumn, in: dataset)
    } catch {
      throw JobFailure.failed("\(values.location).\(error.key): \(error.message)")
    }
    if dataset.rows == 0 {
      throw StorageError.invalid(location: input, message: "has no rows")
    }
    var options = options
    if isAuto {
      options.clusters = options.clusters.filter { $0 <= dataset.rows }
      if options.clusters.isEmpty {
        throw JobFailure.failed(
          "\(values.location).minClusters: expected at most the number of rows, which is \(dataset.rows)")
      }
    } else if let clusters = options.clusters.first, clusters > dataset.rows {
      throw JobFailure.failed(
        "\(values.location).clusters: expected at most the number of rows, which is \(dataset.rows); found \(clusters)"
      )
    }
    var object: ObjectInfo?
    if let initialCentroids {
      let centroids = try InitialCentroids.read(
        initialCentroids, columns: columns, settings: options.settings)
      guard options.clusters == [centroids.count] else {
        throw JobFailure.failed(
          "\(values.location).initialCenters: holds \(centroids.count) centroids, but clusters is \(options.clusters[0])"
        )
      }
      options.initialCentroids = centroids
      object = try ObjectStores.store(for: initialCentroids, settings: options.settings).info(
        initialCentroids)
    }
    return ResolvedSegmentation(
      dataset: dataset, columns: columns, options: options, initialCentroids: object)
  }

  /// Increment this when the segments or `_model.json` change for the same input, so that finished outputs are recomputed.
  private static let programVersion = 2

  /// Everything that the output depends on.
  func manifest(_ resolved: ResolvedSegmentation) throws -> Manifest {
    var parameters: [String: String] = [:]
    for field in SegmentStep.fields where !["input", "output", "columns"].contains(field.name) {
      if let value = values.values[field.name] { parameters[field.name] = SegmentStep.text(value) }
    }
    // Length-prefixed, because a column name may contain any character.
    parameters["columns"] = resolved.columns.map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
    return Manifest(
      step: SegmentStep.type,
      program: StepProgram(
        version: SegmentStep.programVersion,
        columns: AssignWork.fields(idColumn: idColumn).map { "\($0.name) \($0.type)" }),
      parameters: parameters,
      inputs: resolved.dataset.objects + (resolved.initialCentroids.map { [$0] } ?? []))
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): value
    case .null, .array, .object: ""
    }
  }

  package func plan() throws -> StepPlan {
    let resolved = try resolve()
    let dataset = resolved.dataset
    let upToDate = try OutputFolder(output, settings: options.settings).isComplete(
      fingerprint: try manifest(resolved).fingerprint)
    let facts = [
      ("input", "\(input): \(dataset.objects.count) files, \(Quantity.count(Int(dataset.bytes))) bytes"),
      ("rows", "\(Quantity.count(dataset.rows)) in \(dataset.shards.count) row groups"),
      ("columns", resolved.columns.joined(separator: ", ")), ("id", idColumn),
      ("clusters", clusterText(resolved)),
      (
        "matrix",
        "\(Quantity.count(dataset.rows * resolved.columns.count * 4)) bytes of float32, cached by the workers"
      ),
      ("output", output),
    ]
    return StepPlan(
      facts: facts, stages: stages.map { StepPlan.Stage($0, tasks: dataset.shards.count) },
      isUpToDate: upToDate)
  }

  private func clusterText(_ resolved: ResolvedSegmentation) -> String {
    let numbers = resolved.options.clusters
    guard isAuto, let first = numbers.first, let last = numbers.last else { return "\(numbers[0])" }
    return "the best number from \(first) to \(last), by simplified silhouette"
  }
}
