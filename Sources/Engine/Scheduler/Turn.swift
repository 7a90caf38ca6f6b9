import Wire

/// A job's claim to the next free slot; the smallest claim wins. All fairness between jobs is decided here: pools and shares
/// would weigh ``held``.
struct Turn: Comparable {
  /// Attempts that workers hold for the job: whoever has less comes first.
  let held: Int
  /// When the job last got a slot. With as many jobs as slots all hold equally many, and none may starve.
  let lastServed: Int
  /// Position in the order of arrival.
  let arrival: Int

  static func < (a: Turn, b: Turn) -> Bool {
    (a.held, a.lastServed, a.arrival) < (b.held, b.lastServed, b.arrival)
  }
}

extension Scheduler {
  /// - Parameter position: Of the job in ``jobs``.
  func turn(of position: Int) -> Turn {
    let job = jobs[position: position]
    return Turn(held: job?.assigned ?? 0, lastServed: job?.lastServed ?? 0, arrival: position)
  }

  /// Notes that a job has got a slot.
  mutating func serve(_ position: Int) {
    servings += 1
    jobs[position: position]?.lastServed = servings
  }

  /// Jobs with tasks that wait for any worker; for the simulator, which checks that none is passed over.
  package var jobsWaitingForAnyWorker: Set<JobID> {
    Set(
      jobs.ids { job in job.stages.indices.contains { job.stages[$0].queue.unbound > 0 && job.isRunnable($0) }
      })
  }
}
