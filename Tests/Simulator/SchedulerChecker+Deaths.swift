import Wire

/// The account of workers that died: which tasks were present, and which tasks must be found guilty.
extension SchedulerChecker {
  /// A worker whose connection closed unexpectedly, or that was silent for too long.
  struct Death {
    let process: Int
    let wasAlone: Bool
    /// The tasks that were in a slot and have not succeeded since.
    var present: Set<TaskID>
    /// The tasks among them that were suspects when their job ended.
    var left: Set<TaskID> = []
  }

  /// The number of deaths from which a task runs alone. It is guilty one death later.
  private var deathsOfSuspects: Int { max(1, config.maxKilledWorkers - 1) }

  private func isSuspect(_ task: TaskID) -> Bool {
    deaths.count { $0.present.contains(task) } >= deathsOfSuspects
  }

  /// Only one attempt of a suspect is under way at a time: the outcome of the previous attempt is known.
  func checkAnswered(_ attempt: TaskAttemptID, _ about: [Subject]) {
    guard !deaths.isEmpty, isSuspect(attempt.task) else { return }
    let unanswered = peers.values.flatMap(\.held).filter { $0.task == attempt.task }.min()
    check(
      unanswered == nil, .eaten,
      "\(attempt) is launched, and what became of \(unanswered.map { "\($0)" } ?? "") is not known", about)
  }

  mutating func noteDeath(of worker: WorkerID) {
    guard let peer = peers[worker], peer.drainingSince == nil else { return }
    let present = peer.started.filter { attempt in
      guard let graph = graphs[attempt.task.stage.job], graph.end == nil,
        graph.index(of: attempt.task.stage) != nil
      else { return false }
      return attempt.attempt >= graph.open[attempt.task] ?? 0
    }
    deaths.append(
      Death(process: peer.process, wasAlone: peer.held.count == 1, present: Set(present.map(\.task))))
    for attempt in present where isSuspect(attempt.task) { wereSuspects.insert(attempt.task) }
    guard peer.held.count == 1, let task = present.first?.task, isGuilty(task) else { return }
    graphs[task.stage.job]?.poison = task
    deaths.removeAll { $0.present.contains(task) }
    end(task.stage.job, as: .failure)
  }

  /// A task is guilty if three workers died with no other suspect present, and these deaths outnumber the deaths since its
  /// first one at which no suspect was present.
  private func isGuilty(_ task: TaskID) -> Bool {
    var own = 0
    var unexplained = 0
    var hasBegun = false
    for death in deaths {
      let others = death.present.contains { $0 != task && isSuspect($0) } || !death.left.isEmpty
      if death.present.contains(task) {
        hasBegun = true
        if death.wasAlone || !others { own += 1 }
      } else if hasBegun, !others {
        unexplained += 1
      }
    }
    return own >= config.maxKilledWorkers && own > unexplained
  }

  /// The process is back, so only its connection had broken: removes the death.
  mutating func strikeDeath(of process: Int) {
    if let index = deaths.lastIndex(where: { $0.process == process }) { deaths.remove(at: index) }
  }

  mutating func clear(_ task: TaskID) {
    for index in deaths.indices { deaths[index].present.remove(task) }
  }

  /// A graph has ended, and its suspects with it: forgets their deaths.
  mutating func forgetDeaths(of job: JobID) {
    let suspects = Set(deaths.flatMap(\.present)).filter { $0.stage.job == job && isSuspect($0) }
    for index in deaths.indices {
      deaths[index].left.formUnion(deaths[index].present.intersection(suspects))
      deaths[index].present = deaths[index].present.filter { $0.stage.job != job }
    }
  }
}
