/// Counts of what happened in the runs, which show that the faults did occur.
package struct Counts: Equatable, Sendable {
  package enum Fault: String, CaseIterable, Sendable {
    case kill = "workers killed"
    case cut = "connections cut"
    case silence = "connections gone silent"
    case stall = "connections stalled"
    case drain = "workers drained"
    case driverStop = "drivers stopped for a time"
    case join = "workers joined later"
    case fullDisk = "disks full"
    case slowDisk = "disks slow"
    case deadDisk = "disks dead"
    case unreachable = "workers out of reach of others"
    case poison = "workers killed by a task"
    case copy = "second attempts at slow tasks"
    case exclusion = "workers left out"
    case guilty = "jobs that ended for such a task"
    case manyPoisons = "such tasks in several jobs at once"
    case noWorkers = "runs that began without workers"
    case transient = "transient failures"
    case diskFailure = "failures for a full disk"
    case commitFailure = "outputs that could not be committed"
    case publishFailure = "outputs that could not be published"
    case slowTask = "slow tasks and fetches"
    case fatal = "fatal failures"
    case manyResults = "jobs with too many results"
    case largeGraph = "graphs with parts too large for a message"
    case largeResult = "results too large for a message"
    case fullQueue = "full queues between driver and workers"
    case stop = "tasks that stopped by themselves"
    case lostOutput = "map outputs lost"
    case cancel = "jobs cancelled"
    case replay = "reports replayed or late"
    case duplicate = "messages delivered twice"
    case forgottenCache = "caches dropped"
  }

  private var faults = [Int](repeating: 0, count: Fault.allCases.count)
  package var launches = 0, graphs = 0, failedGraphs = 0, goodbyes = 0, steps = 0
  /// The maximum number of workers killed by one task, and the seed of that run.
  package var mostKilled = 0, mostKilledBy: UInt64 = 0
  /// Jobs that ended because of a task that had killed no worker: the bad luck that docs/states.md allows.
  package var innocents = 0

  package init() {}

  package subscript(fault: Fault) -> Int {
    get { faults[Counts.index(fault)] }
    set { faults[Counts.index(fault)] = newValue }
  }

  private static let positions = Dictionary(
    uniqueKeysWithValues: Fault.allCases.enumerated().map { ($1, $0) })

  private static func index(_ fault: Fault) -> Int { positions[fault] ?? 0 }

  package static func += (a: inout Counts, b: Counts) {
    for index in a.faults.indices { a.faults[index] += b.faults[index] }
    a.launches += b.launches
    a.graphs += b.graphs
    a.failedGraphs += b.failedGraphs
    a.goodbyes += b.goodbyes
    a.steps += b.steps
    if b.mostKilled > a.mostKilled { (a.mostKilled, a.mostKilledBy) = (b.mostKilled, b.mostKilledBy) }
    a.innocents += b.innocents
  }
}
