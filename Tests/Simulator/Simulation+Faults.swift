import Wire

extension Simulation {
  /// Injects one random fault.
  func happen() {
    guard !isCalm else { return }
    guard dice.chance(0.85), let process = dice.element(of: processes.filter(\.isAlive)) else {
      return join()
    }
    switch dice.pick(0...14) {
    case 0...2: kill(process)
    case 3, 4: cut(process)
    case 5: silence(process)
    case 6: stall(process)
    case 7...8: drain(process)
    case 9: fillDisk(process)
    case 10: slowDisk(process)
    case 11: separate(process)
    case 12: loseDisk(process)
    case 13: stopDriver()
    default: join()
    }
  }

  private func fault(_ fault: Counts.Fault, _ text: @autoclosure () -> String, _ process: SimProcess) {
    counts[fault] += 1
    tell("fault", text(), [.process(process.index)])
  }

  private func join() {
    addProcess()
    if let process = processes.last { fault(.join, "\(process.endpoint) is started", process) }
  }

  /// Others cannot fetch from it, or it cannot fetch from others, while the driver can reach them all.
  private func separate(_ process: SimProcess) {
    let time = dice.time(100_000...20_000_000)
    fault(.unreachable, "\(process.endpoint) and others do not reach each other for \(time) µs", process)
    let directions = dice.pick(1...3)
    if directions & 1 != 0 { process.isUnreachableUntil = timeline.now + time }
    if directions & 2 != 0 { process.cannotReachUntil = timeline.now + time }
  }

  private func kill(_ process: SimProcess) {
    fault(.kill, "\(process.endpoint) is killed", process)
    end(process)
    if dice.chance(0.7) { addProcess() }
  }

  /// A task ends its process. A new process is started.
  func poison(_ attempt: TaskAttemptID, _ process: SimProcess) {
    counts[.poison] += 1
    killed[attempt.task, default: 0] += 1
    process.killer = attempt.task
    let number = killed[attempt.task] ?? 0
    if number > counts.mostKilled { (counts.mostKilled, counts.mostKilledBy) = (number, seed) }
    // The checker decides which death is one too many; this limit holds regardless of the rule.
    if number > 3 * plan.config.maxKilledWorkers + plan.faults {
      fail(.eaten, "\(number) workers died of \(attempt.task)", about(attempt, process))
    }
    tell("fault", "\(process.endpoint) dies of \(attempt)", about(attempt, process))
    end(process)
    addProcess()
  }

  /// The process ends as by SIGKILL. The driver learns of it soon, or never if the machine lost power.
  private func end(_ process: SimProcess) {
    process.end()
    guard let connection = process.connection else { return }
    connection.isImpaired = true
    if dice.chance(0.2) {
      connection.isSilent = true
    } else if dice.chance(0.5) {
      // Messages in transit are lost with the process, or arrive.
      cutOff(connection)
    } else {
      timeline.plan(.closedAtDriver(connection), at: arrival(&connection.upFree))
    }
  }

  /// The connection breaks. Each side learns of it at its own time, and the worker reconnects.
  private func cut(_ process: SimProcess) {
    guard let connection = process.connection else { return }
    fault(.cut, "the connection of \(connection.worker) (\(process.endpoint)) breaks", process)
    cutOff(connection)
    timeline.plan(.closedAtWorker(connection), after: dice.time(100...1_000_000))
  }

  /// Nothing more arrives, and the driver is notified.
  private func cutOff(_ connection: SimConnection) {
    connection.isSilent = true
    connection.isImpaired = true
    timeline.plan(.closedAtDriver(connection), after: dice.time(100...1_000_000))
  }

  /// Nothing arrives any more, and neither side is notified.
  private func silence(_ process: SimProcess) {
    guard let connection = process.connection else { return }
    fault(.silence, "the connection of \(connection.worker) (\(process.endpoint)) goes silent", process)
    connection.isSilent = true
    connection.isImpaired = true
  }

  /// Messages sent from now on are delayed in one or both directions, possibly for longer than the timeouts.
  private func stall(_ process: SimProcess) {
    guard let connection = process.connection else { return }
    let time = dice.time(100_000...14_000_000)
    fault(
      .stall, "the connection of \(connection.worker) (\(process.endpoint)) stalls for \(time) µs", process)
    connection.isImpaired = true
    let directions = dice.pick(1...3)
    if directions & 1 != 0 { connection.upFree = max(connection.upFree, timeline.now + time) }
    if directions & 2 != 0 { connection.downFree = max(connection.downFree, timeline.now + time) }
  }

  private func drain(_ process: SimProcess) {
    guard !process.isDraining else { return }
    fault(.drain, "\(process.endpoint) is asked to leave", process)
    process.isDraining = true
    post(.drain, to: process)
  }

  /// For a time, tasks that write find the disk full.
  private func fillDisk(_ process: SimProcess) {
    let time = dice.time(1000...3_000_000)
    fault(.fullDisk, "the disk of \(process.endpoint) is full for \(time) µs", process)
    process.diskIsFullUntil = timeline.now + time
  }

  /// The disk fails: all blocks are lost, and no task that writes succeeds until the disk is repaired.
  private func loseDisk(_ process: SimProcess) {
    fault(.deadDisk, "the disk of \(process.endpoint) dies", process)
    process.store = [:]
    process.diskIsFullUntil = .max
  }

  /// For a time, tasks and fetches take a hundred times as long.
  private func slowDisk(_ process: SimProcess) {
    let time = dice.time(1000...3_000_000)
    fault(.slowDisk, "the disk of \(process.endpoint) is slow for \(time) µs", process)
    process.diskIsSlowUntil = timeline.now + time
  }
}
