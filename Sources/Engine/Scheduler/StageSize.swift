import Wire

extension StageSpec {
  /// Describes what part of the stage is too large for a message; nil if everything fits. Checked before the job's graph
  /// starts, so that the job fails instead of losing workers.
  func excess(over limits: MessageLimits) -> String? {
    func text(_ what: String, _ bytes: Int) -> String? {
      bytes <= limits.part
        ? nil : "stage '\(name)': \(what) \(bytes) bytes; at most \(limits.part) can be sent to a worker"
    }
    if tasks.count > MessageLimits.tasks || shufflePartitions ?? 0 > MessageLimits.tasks {
      let count = max(tasks.count, shufflePartitions ?? 0)
      return "stage '\(name)' has \(count) tasks or partitions; at most \(MessageLimits.tasks) are possible"
    }
    if let excess = text("its parameters have", parameters.count + operatorName.utf8.count) { return excess }
    for (partition, task) in tasks.enumerated() where task.size > limits.part {
      return text("the input of task \(partition) has", task.size)
    }
    return nil
  }
}

extension TaskSpec {
  var size: Int { input.count + (cacheKey?.utf8.count ?? 0) }
}
