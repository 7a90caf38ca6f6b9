import Wire

/// A worker process that ended without announcing it.
struct WorkerDeath: Sendable {
  let worker: WorkerInfo
  /// Whether the worker held no other attempt, in a slot or queued.
  let wasAlone: Bool
  /// Tasks that had a slot on the worker, in order. A task that has succeeded since is removed: it is innocent.
  fileprivate(set) var tasks: [TaskID]
  /// Attributed to a suspect whose job ended before the task was found guilty or innocent.
  fileprivate(set) var isExplained = false
}

/// Tracks, across all jobs, which tasks may have killed workers. It spans jobs because a task of one job may kill a worker that
/// also runs tasks of other jobs. `docs/states.md` has the rule and its consequences.
struct DeathRegister: Sendable {
  /// Number of deaths after which a task is guilty and its job fails.
  private let limit: Int
  /// Starts with the first death that a present task may still have caused.
  private(set) var deaths: [WorkerDeath] = []
  /// Number of these deaths at which each accused task was present.
  private(set) var accused: [TaskID: Int] = [:]

  init(limit: Int) { self.limit = limit }

  /// Whether the task was present at so many deaths that it must run alone. Its next attempt then proves it guilty or innocent.
  func isSuspect(_ task: TaskID) -> Bool { accused[task, default: 0] >= max(1, limit - 1) }

  mutating func record(_ worker: WorkerInfo, tasks: [TaskID], wasAlone: Bool) {
    deaths.append(WorkerDeath(worker: worker, wasAlone: wasAlone, tasks: tasks))
    for task in tasks { accused[task, default: 0] += 1 }
    forgetSettled()
  }

  /// Removes a death because the same process has joined again: only its connection had broken.
  /// - Returns: The tasks that were present at the removed death.
  mutating func strike(_ worker: WorkerInfo) -> [TaskID] {
    guard let index = deaths.lastIndex(where: { $0.worker.isEarlierLife(of: worker) }) else { return [] }
    return remove(at: index)
  }

  /// Clears a task that has succeeded.
  /// - Returns: False if the task was not accused.
  mutating func clear(_ task: TaskID) -> Bool {
    guard !accused.isEmpty, accused.removeValue(forKey: task) != nil else { return false }
    for index in deaths.indices { deaths[index].tasks.removeAll { $0 == task } }
    forgetSettled()
    return true
  }

  /// Convicts the task. Its deaths no longer count against any other task.
  /// - Returns: The tasks that were present at those deaths.
  mutating func convict(_ task: TaskID) -> [TaskID] {
    var relieved: [TaskID] = []
    for index in deaths.indices.reversed() where deaths[index].tasks.contains(task) {
      relieved += remove(at: index)
    }
    return relieved
  }

  /// Drops the tasks of a job whose graph ended before they were found guilty or innocent.
  mutating func forget(_ job: JobID) {
    guard accused.keys.contains(where: { $0.stage.job == job }) else { return }
    for index in deaths.indices {
      if deaths[index].tasks.contains(where: { $0.stage.job == job && isSuspect($0) }) {
        deaths[index].isExplained = true
      }
      deaths[index].tasks.removeAll { $0.stage.job == job }
    }
    accused = accused.filter { $0.key.stage.job != job }
    forgetSettled()
  }

  /// Judges the task that ran alone on the worker that died last.
  ///
  /// It is guilty when at least `limit` deaths count against it, and these outnumber the unexplained deaths since its first one
  /// where neither it nor any suspect was present. If workers also die of other causes, `limit` deaths alone prove nothing.
  func isGuilty(_ task: TaskID) -> Bool {
    guard let first = deaths.firstIndex(where: { $0.tasks.contains(task) }) else { return false }
    let own = deaths[first...].count { counts($0, against: task) }
    let unexplained = deaths[first...].count { death in
      !death.isExplained && !death.tasks.contains { $0 == task || isSuspect($0) }
    }
    return own >= limit && own > unexplained
  }

  /// The names of the workers whose deaths count against the task, in order.
  func workersKilled(by task: TaskID) -> [String] {
    deaths.filter { counts($0, against: task) }.map(\.worker.name)
  }

  /// Whether the death counts against the task: the task was present and there is no other known cause, such as a second
  /// suspect.
  private func counts(_ death: WorkerDeath, against task: TaskID) -> Bool {
    guard death.tasks.contains(task) else { return false }
    return death.wasAlone || !death.isExplained && !death.tasks.contains { $0 != task && isSuspect($0) }
  }

  private mutating func remove(at index: Int) -> [TaskID] {
    let tasks = deaths.remove(at: index).tasks
    for task in tasks {
      let left = accused[task, default: 1] - 1
      accused[task] = left > 0 ? left : nil
    }
    forgetSettled()
    return tasks
  }

  /// Drops leading deaths that have no possible culprit left; they say nothing about tasks accused later.
  private mutating func forgetSettled() {
    deaths.removeFirst(deaths.firstIndex { !$0.tasks.isEmpty } ?? deaths.count)
  }
}

extension WorkerInfo {
  func isEarlierLife(of other: WorkerInfo) -> Bool {
    name == other.name && shuffleEndpoint == other.shuffleEndpoint && life < other.life
  }
}
