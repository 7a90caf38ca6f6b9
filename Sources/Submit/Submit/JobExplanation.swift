import Basics
import CommandLine
import Jobs

/// What `--explain` shows: the plan of each step, without running it.
package struct JobExplanation: Sendable {
  package enum Outcome: Sendable {
    case plan(StepPlan)
    case failed(String)
  }

  package let job: ResolvedJob
  package let master: Master
  package let plans: [Outcome]

  /// Reads listings and metadata of the inputs.
  package init(job: ResolvedJob, master: Master) {
    self.job = job
    self.master = master
    plans = job.steps.map { step in
      do { return .plan(try step.step.plan()) } catch { return .failed("\(error)") }
    }
  }

  package var hasFailed: Bool { plans.contains { if case .failed = $0 { true } else { false } } }

  package func text(_ style: TextStyle) -> String {
    var text = style.paint("Job \(style.clean(job.name))", .bold) + " on \(master)\n"
    for (index, (step, plan)) in zip(job.steps, plans).enumerated() {
      let type = step.name == step.type ? "" : " (\(step.type))"
      text += "\n" + style.paint("Step \(index + 1): \(style.clean(step.name))\(type)", .bold) + "\n"
      switch plan {
      case .failed(let message):
        text += "  " + style.paint("cannot be planned: \(style.clean(message))", .red) + "\n"
      case .plan(let plan): text += describe(plan, style)
      }
    }
    return text
  }

  private func describe(_ plan: StepPlan, _ style: TextStyle) -> String {
    var text = ""
    let labelWidth = plan.facts.map(\.label.count).max() ?? 0
    for fact in plan.facts {
      text += "  \(TextStyle.pad(style.clean(fact.label), labelWidth))  "
      text +=
        Command.wrap(style.clean(fact.value), width: max(60, style.width), indent: labelWidth + 4) + "\n"
    }
    if !plan.stages.isEmpty { text += "  stages\n" }
    let tasks = plan.stages.map { $0.tasks.map { Quantity.count($0, "task") } ?? "tasks depend on data" }
    let widths = [
      plan.stages.map(\.name.count).max() ?? 0, tasks.map(\.count).max() ?? 0,
      plan.stages.map(\.operatorName.count).max() ?? 0,
    ]
    for (index, (stage, tasks)) in zip(plan.stages, tasks).enumerated() {
      let columns = [
        TextStyle.pad(style.clean(stage.name), widths[0]), TextStyle.pad(tasks, widths[1]),
        TextStyle.pad(style.clean(stage.operatorName), widths[2]), style.clean(stage.detail),
      ]
      var line = "    \(index + 1). " + columns.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    if plan.isUpToDate {
      text += "  The output is complete for this input; the step will not run again without --force.\n"
    }
    return text
  }

  /// The same for `--explain --json`.
  package var json: JSONValue {
    let steps = zip(job.steps, plans).map { step, outcome in
      var object: [String: JSONValue] = ["type": .string(step.type), "name": .string(step.name)]
      switch outcome {
      case .failed(let message): object["error"] = .string(message)
      case .plan(let plan):
        object["facts"] = .array(plan.facts.map { ["label": .string($0.label), "value": .string($0.value)] })
        object["upToDate"] = .bool(plan.isUpToDate)
        object["stages"] = .array(
          plan.stages.map {
            [
              "name": .string($0.name), "operator": .string($0.operatorName), "detail": .string($0.detail),
              "tasks": $0.tasks.map { .integer(Int64($0)) } ?? .null,
            ]
          })
      }
      return JSONValue.object(object)
    }
    return ["job": .string(job.name), "master": .string(master.description), "steps": .array(steps)]
  }
}
