// A stage as its step declares it, once for the run and for --explain.
import Engine

package struct StageOutline: Hashable, Sendable {
  package let name: String
  package let operatorName: String
  /// What a task does, for `--explain`.
  package let detail: String

  package init(name: String, operatorName: String, detail: String) {
    self.name = name
    self.operatorName = operatorName
    self.detail = detail
  }

  package init(_ name: String, _ type: any Operator.Type, _ detail: String) {
    self.init(name: name, operatorName: type.name, detail: detail)
  }

  /// The same stage with a detail that depends on the step's fields.
  package func detailed(_ detail: String) -> StageOutline {
    StageOutline(name: name, operatorName: operatorName, detail: detail)
  }

  /// The stage of a run.
  package func spec(
    _ parameters: [UInt8], tasks: [TaskSpec], upstream: [Int] = [], shufflePartitions: Int? = nil
  ) -> StageSpec {
    StageSpec(
      name: name, operatorName: operatorName, parameters: parameters, tasks: tasks,
      shufflePartitions: shufflePartitions, upstream: upstream)
  }

  /// The stage of a run, with one task per input.
  package func spec(
    _ parameters: [UInt8], inputs: [[UInt8]], upstream: [Int] = [], shufflePartitions: Int? = nil
  ) -> StageSpec {
    spec(
      parameters, tasks: inputs.map { TaskSpec(input: $0) }, upstream: upstream,
      shufflePartitions: shufflePartitions)
  }

  /// The stage in a plan; `tasks` is nil if it depends on data that does not exist yet.
  package func plan(tasks: Int?) -> StepPlan.Stage { StepPlan.Stage(self, tasks: tasks) }
}
