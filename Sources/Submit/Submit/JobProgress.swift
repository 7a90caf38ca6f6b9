import Jobs

/// A client's view of its job, folded from events. Pure; display and summary are made from it.
package struct JobProgress: Sendable {
  package struct StepState: Sendable {
    package var type: String
    package var name: String
    /// In order of stage number.
    package var stages: [StageProgress] = []
    package var seconds: Double?
    package var report: StepReport?

    package var isDone: Bool { report != nil }
  }

  package let name: String
  package var id: String?
  package var steps: [StepState]
  /// Index of the running step.
  package var current: Int?
  package var status = ""
  package var notices: [String] = []
  package var outcome: JobOutcome?
  /// Increases with every event, to detect changes since the last drawing.
  package private(set) var version = 0

  package init(name: String, steps: [(type: String, name: String)]) {
    self.name = name
    self.steps = steps.map { StepState(type: $0.type, name: $0.name) }
  }

  /// Attempts that failed and were retried, or failed the job.
  package var failedAttempts: Int { steps.reduce(0) { $0 + $1.stages.reduce(0) { $0 + $1.failedAttempts } } }

  /// Events for unknown steps are ignored: they come from another process.
  package mutating func apply(_ event: JobEvent) {
    version += 1
    switch event {
    case .accepted(let job): id = job.name
    case .stepStarted(let index, _, _):
      guard steps.indices.contains(index) else { return }
      current = index
      status = ""
      // After a driver restart the step starts again.
      steps[index].stages = []
    case .progress(let stages):
      for stage in stages where steps.indices.contains(stage.step) { update(stage) }
    case .status(let line): status = line
    case .notice(let line): notices.append(line)
    case .stepFinished(let index, let seconds, let report):
      guard steps.indices.contains(index) else { return }
      steps[index].seconds = seconds
      steps[index].report = report
      if current == index { current = nil }
      status = ""
    case .finished(let outcome): self.outcome = outcome
    }
  }

  private mutating func update(_ stage: StageProgress) {
    // The changed stage is nearly always one of the last.
    if let index = steps[stage.step].stages.lastIndex(where: { $0.stage == stage.stage }) {
      steps[stage.step].stages[index] = stage
    } else {
      steps[stage.step].stages.append(stage)
    }
  }
}
