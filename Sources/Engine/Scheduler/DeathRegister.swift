import Wire

/// A worker process that ended without announcing it.
struct WorkerDeath: Sendable {
  let worker: WorkerInfo
  /// The worker held nothing else, neither in a slot nor queued.
  let wasAlone: Bool
  /// Tasks that had a slot there, in order. One that has succeeded since is taken out: it kills nobody.
  fileprivate(set) var tasks: [TaskID]
  /// Attributed to a task whose job ended before it was found guilty or innocent.
  fileprivate(set) var isExplained = false
}

/// Which tasks may have killed workers, over all jobs: what kills a worker is a task of one job, and those of others are beside it.
/// `docs/states.md` has the rule and what follows from it.
struct DeathRegister: Sendable {
  /// Deaths that count against a task before its job ends.
  private let limit: Int
  /// From the first at which a task was that may still be the cause.
  private(set) var deaths: [WorkerDeath] = []
  /// Number of these deaths at which each accused task was present.
  private(set) var accused: [TaskID: Int] = [:]

  init(limit: Int) { self.limit = limit }

  /// A task that was there again and again: nothing else may run beside it, so that its next deed proves it guilty or innocent.
  func isSuspect(_ task: TaskID) -> Bool { accused[task, default: 0] >= max(1, limit - 1) }

  mutating func record(_ worker: WorkerInfo, tasks: [TaskID], wasAlone: Bool) {
    deaths.append(WorkerDeath(worker: worker, wasAlone: wasAlone, tasks: tasks))
    for task in tasks { accused[task, default: 0] += 1 }
    forgetSettled()
  }

  /// The process is there again: its connection had broken, nothing more.
  /// - Returns: The tasks that were there.
  mutating func strike(_ worker: WorkerInfo) -> [TaskID] {
    guard let index = deaths.lastIndex(where: { $0.worker.isEarlierLife(of: worker) }) else { return [] }
    return remove(at: index)
  }

  /// The task has succeeded.
  /// - Returns: False if nobody had accused it.
  mutating func clear(_ task: TaskID) -> Bool {
    guard !accused.isEmpty, accused.removeValue(forKey: task) != nil else { return false }
    for index in deaths.indices { deaths[index].tasks.removeAll { $0 == task } }
    forgetSettled()
    return true
  }

  /// The task is guilty: where it was there, nobody else is accused.
  /// - Returns: The tasks that were there beside it.
  mutating func convict(_ task: TaskID) -> [TaskID] {
    var relieved: [TaskID] = []
    for index in deaths.indices.reversed() where deaths[index].tasks.contains(task) {
      relieved += remove(at: index)
    }
    return relieved
  }

  /// A job's graph has ended, with tasks that are neither guilty nor innocent.
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
  /// It is guilty when `limit` deaths count against it, and more than have happened since the first without it or any suspect:
  /// where workers die of something else, that many are no proof.
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

  /// It was there, and nothing else that is known may have been the cause: no other suspect was beside it.
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

  /// Deaths before a task was first accused say nothing about it.
  private mutating func forgetSettled() {
    deaths.removeFirst(deaths.firstIndex { !$0.tasks.isEmpty } ?? deaths.count)
  }
}

extension WorkerInfo {
  func isEarlierLife(of other: WorkerInfo) -> Bool {
    name == other.name && shuffleEndpoint == other.shuffleEndpoint && life < other.life
  }
}
