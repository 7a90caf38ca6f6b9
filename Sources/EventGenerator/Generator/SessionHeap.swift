/// The sessions in progress, ordered by their next event: a binary heap of (time, slot).
struct SessionHeap {
  private struct Entry {
    /// Time of the next event since the start of the range in ms, times 2^20, plus bits of the session's key that order events
    /// with the same time.
    var order: UInt64
    var slot: Int
  }

  private var entries: [Entry] = []

  static func order(time: Int64, key: UInt64) -> UInt64 { UInt64(bitPattern: time) << 20 | key & 0xfffff }

  var isEmpty: Bool { entries.isEmpty }
  /// Slot and order of the first session. The heap must not be empty.
  var firstSlot: Int { entries[0].slot }
  var firstOrder: UInt64 { entries[0].order }

  mutating func push(order: UInt64, slot: Int) {
    var at = entries.count
    entries.append(Entry(order: order, slot: slot))
    entries.withUnsafeMutableBufferPointer { heap in
      while at > 0, heap[(at - 1) / 2].order > order {
        heap[at] = heap[(at - 1) / 2]
        at = (at - 1) / 2
      }
      heap[at] = Entry(order: order, slot: slot)
    }
  }

  mutating func popFirst() {
    let last = entries.removeLast()
    if !entries.isEmpty { sink(last) }
  }

  /// Moves the first session to the time of its next event.
  mutating func replaceFirst(order: UInt64) { sink(Entry(order: order, slot: entries[0].slot)) }

  private mutating func sink(_ entry: Entry) {
    entries.withUnsafeMutableBufferPointer { heap in
      var at = 0
      while true {
        var child = 2 * at + 1
        if child >= heap.count { break }
        if child + 1 < heap.count, heap[child + 1].order < heap[child].order { child += 1 }
        if heap[child].order >= entry.order { break }
        heap[at] = heap[child]
        at = child
      }
      heap[at] = entry
    }
  }
}
