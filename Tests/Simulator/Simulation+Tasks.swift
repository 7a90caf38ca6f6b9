import Wire

/// The work of the slots' threads: fetch, compute, write, end.
extension Simulation {
  func start(
    _ launch: TaskLaunch, _ stage: StageDefinition, _ sources: [MapOutputLocations], on process: SimProcess
  ) {
    let attempt = launch.attempt
    if process.tasks[attempt] != nil {
      fail(.explained, "\(process.endpoint) starts \(attempt) twice", about(attempt, process))
    }
    var task = SimProcess.Task(stage: stage, input: launch.input, cacheKey: launch.cacheKey, sources: sources)
    if !isCalm { task.failure = injectedFailure() }
    process.tasks[attempt] = task
    tell(process.endpoint, "starts \(attempt)", about(attempt, process))
    if process.tasks.count > process.slots {
      fail(
        .slots, "\(process.endpoint) runs \(process.tasks.count) tasks in \(process.slots) slots",
        about(attempt, process))
    }
    var time = dice.pick(plan.taskTime)
    if dice.chance(plan.slowTask) {
      counts[.slowTask] += 1
      time = dice.pick(1_000_000...3_000_000)
    } else if timeline.now < process.diskIsSlowUntil {
      counts[.slowTask] += 1
      time *= 100
    }
    timeline.plan(.fetch(process.index, attempt), after: dice.pick(0...time))
    timeline.plan(.end(process.index, attempt), after: time + 1)
  }

  private func injectedFailure() -> TaskFailure? {
    if dice.chance(plan.transient) { return .transient("injected") }
    if dice.chance(plan.fatal) {
      return dice.chance(0.5) ? .fatal("injected") : .badInput(location: "p", message: "injected")
    }
    return dice.chance(plan.spuriousCancel) ? .cancelled : nil
  }

  /// Fetches the task's inputs and computes its value, somewhere in the middle of its run time.
  func fetch(_ attempt: TaskAttemptID, on process: SimProcess) {
    guard process.isAlive, let task = process.tasks[attempt], !task.isInterrupted else { return }
    let indices = task.stage.parameters.prefix(3).map(Int.init)
    let graph = jobs[indices[0]].graphs[indices[1]]
    if !task.cacheKey.isEmpty {
      process.cache.insert(SimProcess.CacheKey(job: attempt.task.stage.job, name: task.cacheKey))
    }
    guard task.sources.map(\.stage) == task.stage.upstream else {
      return fail(
        .lostOutput, "\(process.endpoint): \(attempt) does not know where its inputs are",
        about(attempt, process))
    }
    if graph.poison.contains(SimGraph.TaskKey(stage: indices[2], partition: attempt.task.partition)) {
      return poison(attempt, process)
    }
    var blocks: [UInt64] = []
    for source in task.sources {
      for map in source.owners.indices {
        let output = TaskAttemptID(
          task: TaskID(stage: source.stage, partition: map), attempt: Int(source.attempts[map]))
        let endpoint = source.endpoints[Int(source.owners[map])]
        let owner = processes.first { $0.isAlive && $0.endpoint == endpoint }
        let isReached = owner.map { reaches($0, from: process) } ?? false
        guard isReached, let value = owner?.store[source.stage]?[output] else {
          process.tasks[attempt]?.failure = .lostMapOutput(output, message: "\(endpoint) does not have it")
          return
        }
        blocks.append(SimGraph.block(of: value, partition: attempt.task.partition))
      }
    }
    process.tasks[attempt]?.value = graph.value(
      stage: indices[2], partition: Int(task.input[0]), blocks: blocks)
  }

  private func reaches(_ source: SimProcess, from reader: SimProcess) -> Bool {
    source === reader || timeline.now >= max(source.isUnreachableUntil, reader.cannotReachUntil)
  }

  func end(_ attempt: TaskAttemptID, on process: SimProcess) {
    guard process.isAlive, let task = process.tasks.removeValue(forKey: attempt) else { return }
    let outcome = outcome(attempt, task, process)
    tell(
      process.endpoint, "\(attempt) \(Simulation.describe(outcome))", about(attempt, process))
    post(.ended(TaskReport(attempt: attempt, outcome: outcome)), to: process)
  }

  private func outcome(
    _ attempt: TaskAttemptID, _ task: SimProcess.Task, _ process: SimProcess
  ) -> TaskReport.Outcome {
    if let failure = task.failure {
      count(failure)
      return .failure(failure)
    }
    guard let value = task.value else { return .failure(.cancelled) }
    if timeline.now < process.diskIsFullUntil {
      counts[.diskFailure] += 1
      return .failure(.transient("injected: no space left on device"))
    }
    if task.stage.outputPartitions > 0 {
      process.store[attempt.task.stage, default: [:]][attempt] = value
    } else {
      if !isCalm, dice.chance(plan.commitFailure) {
        counts[.commitFailure] += 1
        return .failure(.transient("injected: the output cannot be committed"))
      }
      output.stage(value, by: attempt)
    }
    var metrics = TaskMetrics()
    metrics.microseconds = dice.pick(plan.taskTime)
    metrics.rowsRead = 1
    let indices = task.stage.parameters.prefix(2).map(Int.init)
    let graph = jobs[indices[0]].graphs[indices[1]]
    let key = SimProcess.CacheKey(job: attempt.task.stage.job, name: task.cacheKey)
    return .success(
      TaskSuccess(
        result: graph.encode(value, attempt: attempt.attempt), blockSizes: [],
        isCached: process.cache.contains(key), metrics: metrics))
  }

  private func count(_ failure: TaskFailure) {
    switch failure {
    case .transient: counts[.transient] += 1
    case .cancelled: counts[.stop] += 1
    case .fatal, .badInput: counts[.fatal] += 1
    case .lostMapOutput: break
    }
  }
}
