// What --explain shows of a step, and the stages that its plan and its run share.
import Engine

/// A stage that a step declares once: `--explain` shows it and the run starts it under the same name.
package struct StageOutline: Hashable, Sendable {
  package let name: String
  package let operatorName: String
  /// What it does, for `--explain`.
  package let detail: String

  package init(_ name: String, _ type: any Operator.Type, _ detail: String) {
    self.name = name
    operatorName = type.name
    self.detail = detail
  }

  /// The same stage with a detail that depends on the step's fields.
  package func detailed(_ detail: String) -> StageOutline {
    StageOutline(name: name, operatorName: operatorName, detail: detail)
  }

  package init(name: String, operatorName: String, detail: String) {
    self.name = name
    self.operatorName = operatorName
    self.detail = detail
  }

  /// The stage as the engine runs it.
  package func spec(
    parameters: [UInt8], tasks: [TaskSpec], shufflePartitions: Int? = nil, upstream: [Int] = []
  ) -> StageSpec {
    StageSpec(
      name: name, operatorName: operatorName, parameters: parameters, tasks: tasks,
      shufflePartitions: shufflePartitions, upstream: upstream)
  }
}

/// What `--explain` shows of a step.
package struct StepPlan: Sendable {
  package struct Stage: Sendable {
    package var outline: StageOutline
    /// nil if it depends on data that does not exist yet.
    package var tasks: Int?

    package init(_ outline: StageOutline, tasks: Int?) {
      self.outline = outline
      self.tasks = tasks
    }
  }

  /// Label and value, in order: input objects, bytes, splits, columns, output …
  package var facts: [(label: String, value: String)]
  package var stages: [Stage]
  /// The output exists and is complete for the same input, parameters and program.
  package var isUpToDate: Bool

  package init(facts: [(label: String, value: String)], stages: [Stage], isUpToDate: Bool) {
    self.facts = facts
    self.stages = stages
    self.isUpToDate = isUpToDate
  }
}
