import Engine

/// What is known of a stage before its tasks are: one description for the run and for `--explain`.
package struct StageOutline: Sendable {
  package let name: String
  package let operatorName: String
  /// What a task does, in a phrase.
  package let detail: String

  package init(name: String, operatorName: String, detail: String) {
    self.name = name
    self.operatorName = operatorName
    self.detail = detail
  }

  /// The stage of a run, with one task per input.
  package func spec(
    _ parameters: [UInt8], inputs: [[UInt8]], upstream: [Int] = [], shufflePartitions: Int? = nil
  ) -> StageSpec {
    StageSpec(
      name: name, operatorName: operatorName, parameters: parameters,
      tasks: inputs.map { TaskSpec(input: $0) }, shufflePartitions: shufflePartitions, upstream: upstream)
  }

  /// The stage in a plan; `tasks` is nil if it depends on data that is not there yet.
  package func plan(tasks: Int?) -> StepPlan.Stage {
    StepPlan.Stage(name: name, operatorName: operatorName, tasks: tasks, detail: detail)
  }
}
