import Wire

extension Simulation {
  /// One random fault.
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

  /// Others cannot fetch from it, or it cannot fetch from others, while the driver reaches them all.
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

  /// A task ends its process. Somebody starts a new one.
  func poison(_ attempt: TaskAttemptID, _ process: SimProcess) {
    counts[.poison] += 1
    killed[attempt.task, default: 0] += 1
    process.killer = attempt.task
    let number = killed[attempt.task] ?? 0
    if number > counts.mostKilled { (counts.mostKilled, counts.mostKilledBy) = (number, seed) }
    // The checker knows which death is one too many; this holds whatever the rule is.
    if number > 3 * plan.config.maxKilledWorkers + plan.faults {
      fail(.eaten, "\(number) workers died of \(attempt.task)", about(attempt, process))
    }
    tell("fault", "\(process.endpoint) dies of \(attempt)", about(attempt, process))
    end(process)
    addProcess()
  }

  /// The process ends as by SIGKILL: the driver is told soon, or, where the machine lost its power, never.
  private func end(_ process: SimProcess) {
    process.end()
    guard let connection = process.connection else { return }
    connection.isImpaired = true
    if dice.chance(0.2) {
      connection.isSilent = true
    } else if dice.chance(0.5) {
      // What is on the wire goes with the process, or arrives.
      cutOff(connection)
    } else {
      timeline.plan(.closedAtDriver(connection), at: arrival(&connection.upFree))
    }
  }

  /// The connection breaks; each side learns it at its own time, the worker comes back.
  private func cut(_ process: SimProcess) {
    guard let connection = process.connection else { return }
    fault(.cut, "the connection of \(connection.worker) (\(process.endpoint)) breaks", process)
    cutOff(connection)
    timeline.plan(.closedAtWorker(connection), after: dice.time(100...1_000_000))
  }

  /// Nothing more arrives; the driver is told.
  private func cutOff(_ connection: SimConnection) {
    connection.isSilent = true
    connection.isImpaired = true
    timeline.plan(.closedAtDriver(connection), after: dice.time(100...1_000_000))
  }

  /// Nothing arrives any more, and nobody is told.
  private func silence(_ process: SimProcess) {
    guard let connection = process.connection else { return }
    fault(.silence, "the connection of \(connection.worker) (\(process.endpoint)) goes silent", process)
    connection.isSilent = true
    connection.isImpaired = true
  }

  /// What is sent from now on takes long, in one direction or both; it may be longer than the timeouts.
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

  /// Tasks that write find no room for a time.
  private func fillDisk(_ process: SimProcess) {
    let time = dice.time(1000...3_000_000)
    fault(.fullDisk, "the disk of \(process.endpoint) is full for \(time) µs", process)
    process.diskIsFullUntil = timeline.now + time
  }

  /// The disk dies: all blocks are gone, and no task that writes succeeds until somebody comes.
  private func loseDisk(_ process: SimProcess) {
    fault(.deadDisk, "the disk of \(process.endpoint) dies", process)
    process.store = [:]
    process.diskIsFullUntil = .max
  }

  /// Tasks and fetches take a hundred times as long for a time.
  private func slowDisk(_ process: SimProcess) {
    let time = dice.time(1000...3_000_000)
    fault(.slowDisk, "the disk of \(process.endpoint) is slow for \(time) µs", process)
    process.diskIsSlowUntil = timeline.now + time
  }
}
