import Wire

/// A scheduled event in a simulated cluster.
enum SimEvent {
  case driverWakes
  case driverTicks
  case driverGoesOn
  case workerWakes(Int)
  case workerBeats(Int)
  case toDriver(SimConnection, WorkerMessage)
  case toWorker(SimConnection, DriverMessage)
  /// This side learns that a connection is closed.
  case closedAtDriver(SimConnection)
  case closedAtWorker(SimConnection)
  case connect(Int)
  case fetch(Int, TaskAttemptID)
  case end(Int, TaskAttemptID)
  /// A job's program continues with its next graph, or ends.
  case program(Int)
  case cancel(Int)
  case fault
  /// No more faults from here on.
  case calm

  /// Whether the event recurs even if there is nothing to do.
  fileprivate var isRoutine: Bool {
    switch self {
    case .driverTicks, .workerBeats, .toDriver(_, .heartbeat), .toWorker(_, .heartbeat):
      true
    default: false
    }
  }
}

/// A virtual clock: a binary heap of events ordered by time, then by the order in which they were planned.
struct Timeline {
  private struct Entry {
    let time: Int
    let order: Int
    let event: SimEvent
  }

  private var heap: [Entry] = []
  private var planned = 0
  /// Number of planned events that are not routine.
  private var pending = 0
  /// In microseconds.
  private(set) var now = 0

  var isIdle: Bool { pending == 0 }

  mutating func plan(_ event: SimEvent, at time: Int) {
    planned += 1
    if !event.isRoutine { pending += 1 }
    heap.append(Entry(time: max(time, now), order: planned, event: event))
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func plan(_ event: SimEvent, after delay: Int) { plan(event, at: now + delay) }

  mutating func next() -> SimEvent? {
    guard let first = heap.first else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
        least = child
      }
      if least == parent { break }
      heap.swapAt(parent, least)
      parent = least
    }
    now = first.time
    if !first.event.isRoutine { pending -= 1 }
    return first.event
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    (heap[a].time, heap[a].order) < (heap[b].time, heap[b].order)
  }
}
