import Engine
import Wire

extension Simulation {
  /// One random fault.
  func happen() {
    guard !isCalm else { return }
    guard dice.chance(0.85), let process = dice.element(of: processes.filter(\.isAlive)) else {
      counts.joins += 1
      return addProcess()
    }
    switch dice.pick(0...9) {
    case 0...2: kill(process)
    case 3, 4: cut(process)
    case 5: silence(process)
    case 6: stall(process)
    case 7...8: drain(process)
    default:
      counts.joins += 1
      addProcess()
    }
  }

  /// The process ends as by SIGKILL: the driver is told soon, or, where the machine lost its power, never.
  private func kill(_ process: SimProcess) {
    counts.kills += 1
    tell("fault: \(process.endpoint) is killed")
    process.end()
    guard let connection = process.connection else { return }
    if dice.chance(0.2) {
      connection.isSilent = true
    } else {
      // What is on the wire may arrive, or go with the process.
      if dice.chance(0.5) {
        cutOff(connection)
      } else {
        timeline.plan(.closedAtDriver(connection), at: arrival(&connection.upFree))
      }
    }
    if dice.chance(0.7) { addProcess() }
  }

  /// The connection breaks; each side learns it at its own time, the worker comes back.
  private func cut(_ process: SimProcess) {
    guard let connection = process.connection else { return }
    counts.cuts += 1
    tell("fault: the connection of \(connection.worker) breaks")
    cutOff(connection)
    timeline.plan(.closedAtWorker(connection), after: dice.time(100...1_000_000))
  }

  /// Nothing more arrives; the driver is told.
  private func cutOff(_ connection: SimConnection) {
    connection.isSilent = true
    timeline.plan(.closedAtDriver(connection), after: dice.time(100...1_000_000))
  }

  /// Nothing arrives any more, and nobody is told.
  private func silence(_ process: SimProcess) {
    guard let connection = process.connection else { return }
    counts.silences += 1
    tell("fault: the connection of \(connection.worker) goes silent")
    connection.isSilent = true
  }

  /// What is sent from now on takes long, in one direction or both; it may be longer than the timeouts.
  private func stall(_ process: SimProcess) {
    guard let connection = process.connection else { return }
    counts.stalls += 1
    let until = timeline.now + dice.time(100_000...14_000_000)
    tell("fault: the connection of \(connection.worker) stalls until \(until)")
    let directions = dice.pick(1...3)
    if directions & 1 != 0 { connection.upFree = max(connection.upFree, until) }
    if directions & 2 != 0 { connection.downFree = max(connection.downFree, until) }
  }

  private func drain(_ process: SimProcess) {
    guard !process.isDraining else { return }
    counts.drains += 1
    tell("fault: \(process.endpoint) is asked to leave")
    process.isDraining = true
    post(.drain, to: process)
  }
}
