import Wire

/// A job's claim to the next free slot; the smallest claim wins. This alone decides fairness between jobs: pools and shares
/// would weight ``held``.
struct Turn: Comparable {
  /// Attempts that workers hold for the job. Jobs with fewer come first.
  let held: Int
  /// When the job last got a slot. If there are as many jobs as slots, all hold the same number; this keeps any of them from
  /// starving.
  let lastServed: Int
  /// Position in the order of arrival.
  let arrival: Int

  static func < (a: Turn, b: Turn) -> Bool {
    (a.held, a.lastServed, a.arrival) < (b.held, b.lastServed, b.arrival)
  }
}

extension Scheduler {
  /// - Parameter position: Position of the job in ``jobs``.
  func turn(of position: Int) -> Turn {
    let job = jobs[position: position]
    return Turn(held: job?.assigned ?? 0, lastServed: job?.lastServed ?? 0, arrival: position)
  }

  /// Records that a job got a slot.
  mutating func serve(_ position: Int) {
    servings += 1
    jobs[position: position]?.lastServed = servings
  }

  /// Jobs with tasks that wait for any worker. The simulator uses it to check that no job is passed over.
  package var jobsWaitingForAnyWorker: Set<JobID> {
    Set(
      jobs.ids { job in job.stages.indices.contains { job.stages[$0].queue.unbound > 0 && job.isRunnable($0) }
      })
  }
}
