import Wire

/// The object store: attempts write parts under unique names, and the driver publishes one part per task.
struct SimOutput {
  private struct GraphKey: Hashable {
    let job: JobID
    let graph: Int
  }

  private var staged: [TaskAttemptID: UInt64] = [:]
  private var published: Set<GraphKey> = []

  mutating func stage(_ value: UInt64, by attempt: TaskAttemptID) { staged[attempt] = value }

  /// - Parameter parts: The attempts whose parts count, in partition order.
  /// - Returns: The published values; nil if a part is missing or something was published before.
  mutating func publish(_ parts: [TaskAttemptID], of job: JobID, graph: Int) -> [UInt64]? {
    guard published.insert(GraphKey(job: job, graph: graph)).inserted else { return nil }
    let values = parts.compactMap { staged[$0] }
    return values.count == parts.count ? values : nil
  }
}
