import Basics
import CommandLine
import Jobs

// The output of --explain.

/// The plan of each step of a job, found without running it.
package struct JobExplanation: Sendable {
  package enum Outcome: Sendable {
    case plan(StepPlan)
    /// The job file must change: an input does not exist, and no earlier step writes it.
    case mistake(JobFileError)
    case failed(String)
  }

  package let job: ResolvedJob
  package let master: Master
  package let plans: [Outcome]

  /// Reads listings and metadata of the inputs.
  package init(job: ResolvedJob, master: Master) {
    self.job = job
    self.master = master
    plans = job.steps.indices.map { index in
      do {
        return .plan(try job.plan(index))
      } catch let error as JobFileError {
        return .mistake(error)
      } catch {
        return .failed("\(error)")
      }
    }
  }

  package var exitCode: Int32 {
    plans.reduce(ExitCode.done) { code, plan in
      switch plan {
      case .plan: code
      case .mistake: ExitCode.usage
      case .failed: max(code, ExitCode.failed)
      }
    }
  }

  /// Why steps cannot be planned, for stderr; empty if all can.
  package func errors(of command: String, file: String?) -> String {
    zip(job.steps, plans).enumerated().map { index, step in
      switch step.1 {
      case .plan: ""
      case .mistake(let error): JobFileErrors(file: file, errors: [error]).description + "\n"
      case .failed(let message):
        "\(command): step \(index + 1) (\(step.0.name)) cannot be planned: \(message)\n"
      }
    }.joined()
  }

  /// The plans, for stdout.
  package func text(_ style: TextStyle) -> String {
    var text = style.paint("Job \(style.clean(job.name))", .bold) + " on \(master)\n"
    for (index, (step, plan)) in zip(job.steps, plans).enumerated() {
      let type = step.name == step.type ? "" : " (\(step.type))"
      text += "\n" + style.paint("Step \(index + 1): \(style.clean(step.name))\(type)", .bold) + "\n"
      switch plan {
      case .mistake, .failed: text += "  " + style.paint("cannot be planned", .red) + "\n"
      case .plan(let plan): text += describe(plan, style)
      }
    }
    return text
  }

  private func describe(_ plan: StepPlan, _ style: TextStyle) -> String {
    var text = ""
    let labelWidth = plan.facts.map(\.label.count).max() ?? 0
    for fact in plan.facts {
      text += "  \(PlainText.padded(style.clean(fact.label), labelWidth))  "
      text +=
        Command.wrap(style.clean(fact.value), width: max(60, style.width), indent: labelWidth + 4) + "\n"
    }
    if !plan.stages.isEmpty { text += "  stages\n" }
    let tasks = plan.stages.map { $0.tasks.map { Quantity.count($0, "task") } ?? "tasks depend on the data" }
    text += PlainText.table(
      zip(plan.stages, tasks).enumerated().map { index, stage in
        let (stage, tasks) = stage
        return [
          "    \(index + 1). \(style.clean(stage.outline.name))", tasks,
          style.clean(stage.outline.operatorName), style.clean(stage.outline.detail),
        ]
      })
    if plan.isUpToDate {
      text += "  The output is up to date; the step will not run again without --force.\n"
    }
    return text
  }

  /// The same for `--explain --json`.
  package var json: JSONValue {
    let steps = zip(job.steps, plans).map { step, outcome in
      var object: [String: JSONValue] = ["type": .string(step.type), "name": .string(step.name)]
      switch outcome {
      case .mistake(let error): object["error"] = .string("\(error)")
      case .failed(let message): object["error"] = .string(message)
      case .plan(let plan):
        object["facts"] = .array(plan.facts.map { ["label": .string($0.label), "value": .string($0.value)] })
        object["upToDate"] = .bool(plan.isUpToDate)
        object["stages"] = .array(
          plan.stages.map {
            [
              "name": .string($0.outline.name), "operator": .string($0.outline.operatorName),
              "detail": .string($0.outline.detail),
              "tasks": $0.tasks.map { .count($0) } ?? .null,
            ]
          })
      }
      return JSONValue.object(object)
    }
    return ["job": .string(job.name), "master": .string(master.description), "steps": .array(steps)]
  }
}
