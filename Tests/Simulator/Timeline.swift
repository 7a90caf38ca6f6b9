import Wire

/// What will happen in a simulated cluster.
enum SimEvent {
  case driverWakes
  case driverTicks
  case driverGoesOn
  case workerWakes(Int)
  case workerBeats(Int)
  case toDriver(SimConnection, WorkerMessage)
  case toWorker(SimConnection, DriverMessage)
  /// The close of a connection reaches this side.
  case closedAtDriver(SimConnection)
  case closedAtWorker(SimConnection)
  case connect(Int)
  case fetch(Int, TaskAttemptID)
  case end(Int, TaskAttemptID)
  /// A job's program goes on: its next graph, or its end.
  case program(Int)
  case cancel(Int)
  case fault
  /// From here on nothing fails any more.
  case calm

  /// Happens again and again, also where there is nothing to do.
  fileprivate var isRoutine: Bool {
    switch self {
    case .driverTicks, .workerBeats, .toDriver(_, .heartbeat), .toWorker(_, .heartbeat):
      true
    default: false
    }
  }
}

/// A virtual clock: a binary heap of events by time, and by the order they were planned in among equals.
struct Timeline {
  private struct Entry {
    let time: Int
    let order: Int
    let event: SimEvent
  }

  private var heap: [Entry] = []
  private var planned = 0
  /// Planned events that are no routine.
  private var pending = 0
  /// Microseconds.
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
