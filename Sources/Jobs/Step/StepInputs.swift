// The rule for missing inputs, the same for --explain and for a run.
import Engine
import Storage

/// What an input field of a step names, and the step of the same job that writes it.
private struct StepInput {
  let field: String
  let uri: String
  /// Index of the earlier step whose output contains the input or lies inside it.
  let producer: Int?
}

extension ResolvedJob {
  /// The plan of a step. An input that does not exist yet is fine only if an earlier step of the job writes it.
  /// - Throws: `JobFileError` for a missing input that no earlier step writes.
  package func plan(_ index: Int) throws -> StepPlan {
    let step = steps[index]
    do {
      return try step.step.plan()
    } catch let error as StorageError {
      guard let input = missingInput(of: index, error) else { throw error }
      guard let producer = input.producer else { throw missing(input, of: step, error) }
      var facts = [
        (
          input.field,
          "\(input.uri): does not exist yet; step \(producer + 1) (\(steps[producer].name)) writes it"
        )
      ]
      if let output = step.output { facts.append(("output", output)) }
      return StepPlan(
        facts: facts, stages: step.step.stages.map { StepPlan.Stage($0, tasks: nil) }, isUpToDate: false)
    }
  }

  /// Runs a step; a missing input is an error that names the step and the field.
  package func run(_ index: Int, _ session: any JobSession, force: Bool) throws -> StepReport {
    let step = steps[index]
    do {
      return try step.step.run(session, force: force)
    } catch let error as StorageError {
      guard let input = missingInput(of: index, error) else { throw error }
      throw JobFailure.failed(missing(input, of: step, error).description)
    }
  }

  private func missingInput(of index: Int, _ error: StorageError) -> StepInput? {
    guard case .notFound(let location, _) = error else { return nil }
    let step = steps[index]
    let fields = step.fields.filter { $0.role == .input }
    for field in fields {
      guard let uri = step.values.optionalString(field.name),
        OutputRule.contains(uri, location) || OutputRule.contains(location, uri)
      else { continue }
      let producer = steps[..<index].lastIndex { earlier in
        earlier.output.map { OutputRule.contains($0, uri) || OutputRule.contains(uri, $0) } ?? false
      }
      return StepInput(field: field.name, uri: uri, producer: producer)
    }
    return nil
  }

  private func missing(_ input: StepInput, of step: ResolvedStep, _ error: StorageError) -> JobFileError {
    guard case .notFound(let location, let message) = error else {
      return step.values.error(input.field, "\(error)")
    }
    let what = location == input.uri ? message : error.description
    let name = step.name == step.type ? step.type : "\(step.name), \(step.type)"
    let producer =
      input.producer.map { "step \($0 + 1) (\(steps[$0].name)) should have written it" }
      ?? "no earlier step of the job writes it"
    return step.values.error(input.field, "'\(input.uri)' (step '\(name)'): \(what), and \(producer)")
  }
}
