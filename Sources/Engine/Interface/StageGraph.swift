/// One task of a stage, before it is assigned an id.
public struct TaskSpec: Hashable, Sendable {
  /// The bytes that the operator reads as `TaskContext.input`.
  public var input: [UInt8]
  /// Set if the operator caches its input: tasks with the same key go to the worker that has it cached.
  public var cacheKey: String?

  public init(input: [UInt8], cacheKey: String? = nil) {
    self.input = input
    self.cacheKey = cacheKey
  }
}

/// A stage: one operator applied to many partitions, with no shuffle inside.
public struct StageSpec: Sendable {
  /// A name for people, such as "read and aggregate".
  public var name: String
  public var operatorName: String
  public var parameters: [UInt8]
  public var tasks: [TaskSpec]
  /// Number of partitions that the output is hash-partitioned into for the stages that read it; nil if the tasks' results go
  /// back to the driver.
  public var shufflePartitions: Int?
  /// Indexes, within the graph, of the stages whose map outputs the tasks read. Task p reads partition p of each.
  public var upstream: [Int]

  public init(
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
public struct StageGraph: Sendable {
  public var stages: [StageSpec]

  public init(_ stages: [StageSpec]) { self.stages = stages }
}
