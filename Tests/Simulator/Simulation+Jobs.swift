import Engine
import Wire

/// The jobs' programs: a sequence of graphs, each with its output published, then the end.
extension Simulation {
  func continueProgram(_ index: Int) {
    let job = jobs[index]
    guard !job.isOver, !job.isRunning else { return }
    // A program may submit one more graph before it notices that it was cancelled.
    if job.current < job.graphs.count, !job.graphs[job.current].poison.isEmpty,
      jobs.contains(where: { $0.id != job.id && $0.isRunning && !$0.graphs[$0.current].poison.isEmpty })
    {
      counts[.manyPoisons] += 1
    }
    let goesOn = job.current < job.graphs.count && (!job.isCancelled || dice.chance(0.3))
    if goesOn {
      jobs[index].isRunning = true
      counts.graphs += 1
      mail(.event(.submit(job.id, job.graphs[job.current].graph(job: index, number: job.current))))
      if job.isCancelled { mail(.event(.cancel(job.id))) }
    } else {
      jobs[index].isOver = true
      mail(.event(.release(job.id)))
    }
  }

  func cancel(_ index: Int) {
    guard !jobs[index].isOver, !jobs[index].isCancelled else { return }
    counts[.cancel] += 1
    jobs[index].isCancelled = true
    mail(.event(dice.chance(0.2) ? .release(jobs[index].id) : .cancel(jobs[index].id)))
  }

  func finish(_ id: JobID, _ result: Result<[TaskResult], JobFailure>) {
    guard let index = jobs.firstIndex(where: { $0.id == id }) else {
      return fail(.jobEnds, "\(id) was never submitted")
    }
    if case .success(let results) = result { publish(results, of: index) }
    let account = checker.graphs[id]
    checker.saw(end: result, of: id)
    guard jobs[index].isRunning, account != nil else { return }
    jobs[index].isRunning = false
    switch result {
    case .success:
      if !isCalm, dice.chance(plan.publishFailure) {
        counts[.publishFailure] += 1
        tell("job", "\(id) cannot publish its output and ends", [.job(id)])
        jobs[index].current = jobs[index].graphs.count
      } else {
        jobs[index].current += 1
      }
      if dice.chance(0.3) {
        counts[.forgottenCache] += 1
        mail(.event(.dropCache(id, prefix: dice.chance(0.5) ? "" : "data/")))
      }
    case .failure(let failure):
      counts.failedGraphs += 1
      if "\(failure)".contains("which the driver would have to keep") { counts[.manyResults] += 1 }
      if "\(failure)".contains("can be sent to a worker") { counts[.largeGraph] += 1 }
      if case .poisonTask(let poison) = failure { judge(poison, jobs[index], account) }
      jobs[index].current = jobs[index].graphs.count
    }
    timeline.plan(.program(index), after: dice.time(100...100_000))
  }

  /// The job ends because of a task. The simulator knows better than the driver whether the task was to blame.
  private func judge(_ poison: PoisonTask, _ job: SimJob, _ account: SchedulerChecker.Graph?) {
    counts[.guilty] += 1
    guard let stage = account?.names.firstIndex(of: poison.stage) else { return }
    let task = SimGraph.TaskKey(stage: stage, partition: poison.partition)
    guard !job.graphs[job.current].poison.contains(task) else { return }
    counts.innocents += 1
    // Bad luck: whatever ended the other workers, the last one ran nothing else and was not killed by a task.
    guard let last = processes.first(where: { $0.endpoint == poison.workers.last }), let killer = last.killer
    else { return }
    fail(
      .eaten, "\(job.id) ends for an innocent task, \(last.endpoint) died of \(killer)",
      [.job(job.id), .task(killer)])
  }

  /// The results name the attempts that produced them. These must be the attempts that count, and their parts must exist.
  private func publish(_ results: [TaskResult], of index: Int) {
    let job = jobs[index]
    let about: [Subject] = [.job(job.id)]
    guard job.isRunning, let account = checker.graphs[job.id] else {
      return fail(.publishedOnce, "\(job.id) has results once more", about)
    }
    let expected = job.graphs[job.current].expected()
    guard results.count == expected.count else {
      return fail(.rightResult, "\(job.id) has \(results.count) results of \(expected.count)", about)
    }
    let last = StageID(job: job.id, number: account.base + account.tasks.count - 1)
    var parts: [TaskAttemptID] = []
    for (partition, result) in results.enumerated() {
      let task = TaskID(stage: last, partition: partition)
      let both = about + [.task(task)]
      guard let (value, attempt) = SimGraph.decode(result.payload) else {
        return fail(.rightResult, "\(job.id) has results that cannot be read", both)
      }
      if value != expected[partition] { fail(.rightResult, "\(task) has a wrong result", both) }
      parts.append(TaskAttemptID(task: task, attempt: attempt))
      if account.done[task]?.attempt.attempt != attempt {
        fail(.stale, "\(task) ends with the result of attempt \(attempt), which does not count", both)
      }
    }
    if output.publish(parts, of: job.id, graph: job.current) != expected {
      fail(.publishedOnce, "\(job.id) publishes twice, or parts that are not there", about)
    }
  }
}
