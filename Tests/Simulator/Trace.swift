import Wire

/// The subject of a trace line or of a broken rule.
package enum Subject: Hashable, Sendable {
  case task(TaskID)
  /// All tasks of the stage.
  case stage(StageID)
  case job(JobID)
  /// A worker process, by its number.
  case process(Int)

  package static func task(job: String, stage: Int, partition: Int) -> Subject {
    .task(TaskID(stage: StageID(job: JobID(job), number: stage), partition: partition))
  }
}

/// The events of a run, in virtual-clock order.
package struct Trace: Equatable, Sendable {
  private struct Line: Equatable {
    /// In microseconds.
    let time: Int
    let who: String
    let text: String
    let about: [Subject]

    var tasks: [TaskID] { about.compactMap { if case .task(let task) = $0 { task } else { nil } } }
    var processes: [Int] { about.compactMap { if case .process(let index) = $0 { index } else { nil } } }
    var jobs: [JobID] { about.compactMap { if case .job(let job) = $0 { job } else { nil } } }

    var description: String {
      let seconds = String(time / 1_000_000)
      let rest = String(time % 1_000_000 + 1_000_000).dropFirst()
      let clock = String(repeating: " ", count: max(0, 5 - seconds.utf8.count)) + "\(seconds).\(rest) s"
      return "\(clock)  \(who)\(String(repeating: " ", count: max(1, 8 - who.utf8.count)))\(text)"
    }
  }

  private var lines: [Line] = []

  mutating func add(_ time: Int, _ who: String, _ text: String, _ about: [Subject]) {
    lines.append(Line(time: time, who: who, text: text, about: about))
  }

  package var everything: [String] { lines.map(\.description) }

  /// Returns every event of the tasks that the subjects name, across driver and workers, what happened to the workers that had
  /// them, and the outcome of their jobs. For a subject that names no task, returns the lines about it.
  package func about(_ subjects: [Subject]) -> [String] {
    let tasks = self.tasks(of: subjects)
    var processes: Set<Int> = []
    var jobs = Set(tasks.map(\.stage.job))
    for line in lines where line.tasks.contains(where: tasks.contains) { processes.formUnion(line.processes) }
    for subject in subjects {
      switch subject {
      case .process(let index): processes.insert(index)
      case .job(let job): jobs.insert(job)
      case .task, .stage: break
      }
    }
    return lines.filter { line in
      if !line.tasks.isEmpty { return line.tasks.contains(where: tasks.contains) }
      if line.about.isEmpty { return true }
      return line.processes.contains(where: processes.contains) || line.jobs.contains(where: jobs.contains)
    }.map(\.description)
  }

  /// Returns the tasks that the subjects refer to. For a stage on a certain worker, only the tasks that this worker had.
  private func tasks(of subjects: [Subject]) -> Set<TaskID> {
    var tasks: Set<TaskID> = []
    var stages: Set<StageID> = []
    var processes: Set<Int> = []
    for subject in subjects {
      switch subject {
      case .task(let task): tasks.insert(task)
      case .stage(let stage): stages.insert(stage)
      case .process(let index): processes.insert(index)
      case .job: break
      }
    }
    for line in lines where processes.isEmpty || line.processes.contains(where: processes.contains) {
      for task in line.tasks where stages.contains(task.stage) { tasks.insert(task) }
    }
    return tasks
  }
}
