import Basics
import Engine
import Jobs
import Storage

/// A step together with what its input says.
struct ResolvedSegmentation {
  var dataset: Dataset
  var columns: [String]
  var options: ClusteringOptions
  var initialCentres: ObjectInfo?
}

extension SegmentStep {
  /// Reads the footers of the input, and checks what only they can tell.
  func resolve() throws -> ResolvedSegmentation {
    let dataset: Dataset
    do {
      dataset = try Dataset(input, settings: options.settings)
    } catch StorageError.notFound(let place, let message) {
      throw StorageError.notFound(
        place: place, message: "\(message) (\(values.place).input: has the step that makes it run?)")
    }
    let columns: [String]
    do {
      columns = try ColumnChoice.columns(named, id: idColumn, in: dataset)
    } catch {
      throw JobFailure.failed("\(values.place).\(error.key): \(error.message)")
    }
    if dataset.rows == 0 {
      throw StorageError.invalid(place: input, message: "has no rows")
    }
    var options = options
    if isAuto {
      options.clusters = options.clusters.filter { $0 <= dataset.rows }
      if options.clusters.isEmpty {
        throw JobFailure.failed(
          "\(values.place).minClusters: expected at most the number of rows, which is \(dataset.rows)")
      }
    } else if let clusters = options.clusters.first, clusters > dataset.rows {
      throw JobFailure.failed(
        "\(values.place).clusters: expected at most the number of rows, which is \(dataset.rows); found \(clusters)"
      )
    }
    var object: ObjectInfo?
    if let initialCentres {
      let centres = try InitialCentres.read(
        initialCentres, columns: columns, settings: options.settings)
      guard options.clusters == [centres.count] else {
        throw JobFailure.failed(
          "\(values.place).initialCenters: holds \(centres.count) centres, but clusters is \(options.clusters[0])"
        )
      }
      options.initialCentres = centres
      object = try ObjectStores.store(for: initialCentres, settings: options.settings).info(initialCentres)
    }
    return ResolvedSegmentation(dataset: dataset, columns: columns, options: options, initialCentres: object)
  }

  /// What the output depends on.
  func manifest(_ resolved: ResolvedSegmentation) throws -> Manifest {
    var parameters: [String: String] = [:]
    for field in SegmentStep.fields where !["input", "output", "columns"].contains(field.name) {
      if let value = values.values[field.name] { parameters[field.name] = SegmentStep.text(value) }
    }
    // Length-prefixed: a column's name may hold any character.
    parameters["columns"] = resolved.columns.map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
    return Manifest(
      step: SegmentStep.type, parameters: parameters,
      inputs: resolved.dataset.objects + (resolved.initialCentres.map { [$0] } ?? []))
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
    let resolved: ResolvedSegmentation
    do {
      resolved = try resolve()
    } catch StorageError.notFound(let place, _)
      where place == input || place.hasPrefix(input) || input.hasPrefix(place)
    {
      return StepPlan(
        facts: [
          ("input", "\(input): not there yet; a step before this one must make it"), ("output", output),
        ],
        stages: stages(tasks: nil), isUpToDate: false)
    }
    let dataset = resolved.dataset
    let upToDate = try OutputFolder(output, settings: options.settings).isComplete(
      fingerprint: try manifest(resolved).fingerprint)
    let facts = [
      ("input", "\(input): \(dataset.objects.count) files, \(PlainText.count(Int(dataset.bytes))) bytes"),
      ("rows", "\(PlainText.count(dataset.rows)) in \(dataset.shards.count) row groups"),
      ("columns", resolved.columns.joined(separator: ", ")), ("id", idColumn),
      ("clusters", clusterText(resolved)),
      (
        "matrix",
        "\(PlainText.count(dataset.rows * resolved.columns.count * 4)) bytes of float32, cached by the workers"
      ),
      ("output", output),
    ]
    return StepPlan(facts: facts, stages: stages(tasks: dataset.shards.count), isUpToDate: upToDate)
  }

  private func clusterText(_ resolved: ResolvedSegmentation) -> String {
    let numbers = resolved.options.clusters
    guard isAuto, let first = numbers.first, let last = numbers.last else { return "\(numbers[0])" }
    return "the best number from \(first) to \(last), by simplified silhouette"
  }

  private func stages(tasks: Int?) -> [StepPlan.Stage] {
    func stage(_ name: String, _ operatorName: String, _ detail: String) -> StepPlan.Stage {
      StepPlan.Stage(name: name, operatorName: operatorName, tasks: tasks, detail: detail)
    }
    var stages = [
      stage("read and measure", MomentsOperator.name, "moments of each column; the columns stay cached")
    ]
    if initialCentres != nil {
      stages.append(stage("transform", SampleWork.operatorName, "float32 matrix"))
    } else {
      stages.append(
        stage(
          "transform and sample", SampleWork.operatorName, "float32 matrix; about 20,000 rows to the driver"))
      if options.initSteps > 0 {
        stages.append(
          stage("choose candidates", CandidatesWork.operatorName, "k-means‖, × \(options.initSteps)"))
      }
    }
    return stages + [
      stage("iterate", SumsWork.operatorName, "centres out, sums back; × up to \(options.maxIterations)"),
      stage("evaluate", EvaluateWork.operatorName, "cost and simplified silhouette"),
      stage(
        "assign and write", AssignWork.operatorName, "one Parquet file a task, and \(SegmentModel.fileName)"),
    ]
  }
}

/// The operators of the `segment` step.
package enum KMeansOperators {
  package static let all: [any Operator.Type] = [
    MomentsOperator.self, MatrixOperator<SampleWork>.self, MatrixOperator<CandidatesWork>.self,
    MatrixOperator<SumsWork>.self, MatrixOperator<FarthestWork>.self, MatrixOperator<EvaluateWork>.self,
    MatrixOperator<AssignWork>.self,
  ]
}
