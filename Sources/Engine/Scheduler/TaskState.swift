import Wire

/// An attempt that a worker holds and has not reported on.
struct RunningAttempt: Sendable {
  let number: Int
  let worker: WorkerID
  /// `JobState.inputVersion` at launch. The attempt does not know of map outputs made since.
  let inputs: Int
}

/// A task of a running stage. It is done, running, or waiting in a queue.
struct TaskState: Sendable {
  var nextAttempt = 0
  /// Attempts below this number are innocent, because the task has succeeded since they were launched.
  var provenBefore = 0
  var failures = 0
  var lostInputs = 0
  var running: RunningAttempt?
  /// A speculative attempt on another worker because the first attempt is slow. Set only while the first attempt exists.
  var speculative: RunningAttempt?
  var done: Done?

  /// The attempt whose output counts.
  struct Done: Sendable {
    let attempt: Int
    let worker: WorkerID
    let result: TaskResult
  }

  /// Removes an attempt from the task. The other attempt, if any, continues alone.
  /// - Returns: False if the attempt was no longer part of the task.
  mutating func end(_ number: Int, on worker: WorkerID) -> Bool {
    if let speculative, speculative.number == number, speculative.worker == worker {
      self.speculative = nil
      return true
    }
    guard let running, running.number == number, running.worker == worker else { return false }
    self.running = speculative
    speculative = nil
    return true
  }
}
