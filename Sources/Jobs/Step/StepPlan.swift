// What --explain shows of a step.

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
