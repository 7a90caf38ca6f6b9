import Wire

/// A task of a job's present graph: the position of its stage, and its partition.
struct TaskPlace: Hashable, Comparable, Sendable {
  let stage: Int
  let partition: Int

  static func < (a: TaskPlace, b: TaskPlace) -> Bool { (a.stage, a.partition) < (b.stage, b.partition) }
}

/// A worker's process that ended without a word.
struct WorkerDeath: Sendable {
  let worker: WorkerInfo
  /// Tasks of the job that had a slot there, in order. A task that has succeeded since is taken out: it kills nobody.
  var tasks: [TaskPlace]
}

/// Which tasks may have killed workers. `docs/states.md` has the rule and what follows from it.
extension JobState {
  /// Whether nothing else may run beside the task, so that its next deed proves it guilty or innocent.
  func mustRunAlone(_ task: TaskPlace) -> Bool { !accused.isEmpty && accused[task, default: 0] >= aloneFrom }

  mutating func record(_ death: WorkerDeath) {
    deaths.append(death)
    for task in death.tasks { accused[task, default: 0] += 1 }
  }

  /// The process is there again: its connection had broken, nothing more.
  mutating func strikeDeath(of worker: WorkerInfo) {
    guard let index = deaths.lastIndex(where: { $0.worker.isEarlierLife(of: worker) }) else { return }
    for task in deaths.remove(at: index).tasks { accused[task, default: 1] -= 1 }
  }

  mutating func clear(_ task: TaskPlace) {
    guard !accused.isEmpty, accused.removeValue(forKey: task) != nil else { return }
    for death in deaths.indices { deaths[death].tasks.removeAll { $0 == task } }
  }

  /// Judges the task that ran alone on the worker that died last.
  ///
  /// It is guilty when it was there at `limit` deaths, and at more than there were without it and without another suspect:
  /// where workers die of something else, that many are no proof.
  func isGuilty(_ task: TaskPlace, limit: Int) -> Bool {
    guard let first = deaths.firstIndex(where: { $0.tasks.contains(task) }) else { return false }
    let own = accused[task, default: 0]
    let unexplained = deaths[first...].count { death in
      !death.tasks.contains { $0 == task || mustRunAlone($0) }
    }
    return own >= limit && own > unexplained
  }

  func workersKilled(by task: TaskPlace) -> [String] {
    deaths.filter { $0.tasks.contains(task) }.map(\.worker.name)
  }

  /// The next task that waits for a worker of its own and can be launched, after the first `skipped`.
  func waitingAlone(after skipped: Int) -> TaskPlace? {
    alone.lazy.filter { isRunnable($0.stage) }.dropFirst(skipped).first
  }
}

extension WorkerInfo {
  func isEarlierLife(of other: WorkerInfo) -> Bool {
    name == other.name && shuffleEndpoint == other.shuffleEndpoint && life < other.life
  }
}
