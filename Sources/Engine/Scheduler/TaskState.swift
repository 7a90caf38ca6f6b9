import Wire

/// One try at a task that a worker has and has not reported on.
struct RunningAttempt: Sendable {
  let number: Int
  let worker: WorkerID
  /// `JobState.inputVersion` when it was launched: it knows of no map output that was made since.
  let inputs: Int
}

/// A task of a running stage. It is done, or running, or its partition waits in a queue.
struct TaskState: Sendable {
  var nextAttempt = 0
  /// Attempts below this number kill no worker: the task has succeeded since.
  var provenBefore = 0
  var failures = 0
  var lostInputs = 0
  var running: RunningAttempt?
  /// A second attempt on another worker, made because the first is slow; there only while there is a first one.
  var copy: RunningAttempt?
  var done: Done?

  /// The attempt whose output counts.
  struct Done: Sendable {
    let attempt: Int
    let worker: WorkerID
    let result: TaskResult
  }

  /// Ends an attempt's part in the task; the other attempt, if there is one, goes on alone.
  /// - Returns: False if the attempt had no part in it any more.
  mutating func end(_ number: Int, on worker: WorkerID) -> Bool {
    if let copy, copy.number == number, copy.worker == worker {
      self.copy = nil
      return true
    }
    guard let running, running.number == number, running.worker == worker else { return false }
    self.running = copy
    copy = nil
    return true
  }
}
