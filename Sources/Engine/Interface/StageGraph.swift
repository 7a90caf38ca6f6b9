import Wire

/// One task of a stage before it has an id.
package struct TaskSpec: Hashable, Sendable {
  /// What the operator reads as `TaskContext.input`.
  package var input: [UInt8]
  /// Set where the operator caches its input: tasks with the same key are sent to the worker that has it.
  package var cacheKey: String?

  package init(input: [UInt8], cacheKey: String? = nil) {
    self.input = input
    self.cacheKey = cacheKey
  }
}

/// A stage: the same operator over many partitions, without a shuffle inside.
package struct StageSpec: Sendable {
  /// For people: "read and aggregate".
  package var name: String
  package var operatorName: String
  package var parameters: [UInt8]
  package var tasks: [TaskSpec]
  /// Number of partitions that the output is hash-partitioned into for the stages that read it; nil where the
  /// tasks' results go back to the driver.
  package var shufflePartitions: Int?
  /// Indexes, within the graph, of the stages whose map outputs the tasks read: task p reads partition p of each.
  package var upstream: [Int]

  package init(
    name: String, operatorName: String, parameters: [UInt8], tasks: [TaskSpec], shufflePartitions: Int? = nil,
    upstream: [Int] = []
  ) {
    self.name = name
    self.operatorName = operatorName
    self.parameters = parameters
    self.tasks = tasks
    self.shufflePartitions = shufflePartitions
    self.upstream = upstream
  }
}

/// Stages in topological order; the last one returns results, all others feed shuffles.
package struct StageGraph: Sendable {
  package var stages: [StageSpec]

  package init(_ stages: [StageSpec]) { self.stages = stages }
}
