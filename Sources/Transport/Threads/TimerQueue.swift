import Basics

/// Work scheduled for a time: a binary heap ordered by time, then by order of scheduling. Not thread-safe.
package struct TimerQueue {
  package typealias ID = UInt64
  private var heap: [(due: Deadline, id: ID)] = []
  private var work: [ID: @Sendable () -> Void] = [:]
  private var last: ID = 0

  package init() {}

  package mutating func schedule(_ due: Deadline, _ body: @escaping @Sendable () -> Void) -> ID {
    last += 1
    work[last] = body
    heap.append((due, last))
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
    return last
  }

  /// Cancels work. Its heap entry stays until its time, but what the work retains is freed now.
  package mutating func cancel(_ id: ID) {
    work[id] = nil
    while let first = heap.first, work[first.id] == nil { removeFirst() }
  }

  package var next: Deadline? { heap.first?.due }

  /// Returns one piece of work that is due per call, or nil if none is.
  package mutating func popDue(_ now: Deadline) -> (@Sendable () -> Void)? {
    while let first = heap.first, first.due <= now {
      removeFirst()
      if let body = work.removeValue(forKey: first.id) { return body }
    }
    return nil
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool { (heap[a].due, heap[a].id) < (heap[b].due, heap[b].id) }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
