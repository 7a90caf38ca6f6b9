import Wire

/// Partitions of a stage that wait for a slot: first in, first out, apart for each worker that caches their input.
struct PartitionQueue: Sendable {
  private var anywhere = FIFO()
  private var preferred: [WorkerID: FIFO] = [:]
  private(set) var count = 0

  mutating func add(_ partition: Int, preferring worker: WorkerID?) {
    count += 1
    if let worker { preferred[worker, default: FIFO()].append(partition) } else { anywhere.append(partition) }
  }

  /// The next partition for a worker; what waits for another worker only if `stealing`.
  mutating func next(for worker: WorkerID, stealing: Bool) -> Int? {
    let partition = preferred[worker]?.popFirst() ?? anywhere.popFirst() ?? (stealing ? steal() : nil)
    if partition != nil { count -= 1 }
    return partition
  }

  /// From the longest queue, the lower worker number among equals.
  private mutating func steal() -> Int? {
    let longest = preferred.max { ($0.value.count, -$0.key.number) < ($1.value.count, -$1.key.number) }
    return longest.flatMap { preferred[$0.key]?.popFirst() }
  }

  /// A worker is gone: what waited for it can run anywhere.
  mutating func forget(_ worker: WorkerID) {
    guard var queue = preferred.removeValue(forKey: worker) else { return }
    while let partition = queue.popFirst() { anywhere.append(partition) }
  }

  private struct FIFO: Sendable {
    private var items: [Int] = []
    private var head = 0

    var count: Int { items.count - head }

    mutating func append(_ item: Int) { items.append(item) }

    mutating func popFirst() -> Int? {
      guard head < items.count else { return nil }
      defer {
        head += 1
        if head == items.count {
          items.removeAll(keepingCapacity: true)
          head = 0
        }
      }
      return items[head]
    }
  }
}
