import Wire

/// The object store: attempts put their parts under names of their own, the driver publishes one part a task.
struct SimOutput {
  private struct GraphKey: Hashable {
    let job: JobID
    let graph: Int
  }

  private var staged: [TaskAttemptID: UInt64] = [:]
  private var published: Set<GraphKey> = []

  mutating func stage(_ value: UInt64, by attempt: TaskAttemptID) { staged[attempt] = value }

  /// - Parameter parts: The attempts whose parts count, in the order of the partitions.
  /// - Returns: What is published; nil if some part is not there or something was published before.
  mutating func publish(_ parts: [TaskAttemptID], of job: JobID, graph: Int) -> [UInt64]? {
    guard published.insert(GraphKey(job: job, graph: graph)).inserted else { return nil }
    let values = parts.compactMap { staged[$0] }
    return values.count == parts.count ? values : nil
  }
}
