import Wire

/// Partitions of a stage that wait for a slot, first in, first out, with a separate queue for each worker that caches their
/// input.
struct PartitionQueue: Sendable {
  private var anywhere = FIFO<Int>()
  private var preferred: [WorkerID: FIFO<Waiting>] = [:]
  private(set) var count = 0

  private struct Waiting: Sendable {
    let partition: Int
    let since: Duration
  }

  mutating func add(_ partition: Int, preferring worker: WorkerID?, now: Duration) {
    count += 1
    if let worker {
      preferred[worker, default: FIFO()].append(Waiting(partition: partition, since: now))
    } else {
      anywhere.append(partition)
    }
  }

  /// The next partition for a worker. With a limit, also a partition that has been waiting for another worker since before
  /// `limit`.
  mutating func next(for worker: WorkerID, stealingBefore limit: Duration?) -> Int? {
    let partition =
      preferred[worker]?.popFirst()?.partition ?? anywhere.popFirst() ?? limit.flatMap { steal($0) }
    if partition != nil { count -= 1 }
    return partition
  }

  /// Takes from the longest queue; ties go to the lower worker number.
  private mutating func steal(_ limit: Duration) -> Int? {
    let longest = preferred.filter { $0.value.first.map { $0.since < limit } ?? false }
      .max { ($0.value.count, -$0.key.number) < ($1.value.count, -$1.key.number) }
    return longest.flatMap { preferred[$0.key]?.popFirst()?.partition }
  }

  /// Makes partitions that wait for a worker available to all, because the worker is lost or takes no more tasks.
  mutating func forget(_ worker: WorkerID) {
    guard var queue = preferred.removeValue(forKey: worker) else { return }
    while let waiting = queue.popFirst() { anywhere.append(waiting.partition) }
  }

  /// Removes one partition from the queue. O(waiting).
  /// - Returns: False if the partition is not queued.
  mutating func remove(_ partition: Int) -> Bool {
    let before = count
    anywhere.removeAll { $0 == partition }
    for worker in preferred.keys { preferred[worker]?.removeAll { $0.partition == partition } }
    count = preferred.values.reduce(anywhere.count) { $0 + $1.count }
    return count < before
  }

  // MARK: for `validate`

  /// Number of partitions that any worker may take at once.
  var unbound: Int { anywhere.count }
  var preferredWorkers: [WorkerID] { preferred.keys.filter { preferred[$0].map { $0.count > 0 } ?? false } }
  var partitions: [Int] {
    (Array(anywhere.waiting) + preferred.values.flatMap { $0.waiting.map(\.partition) }).sorted()
  }
}
