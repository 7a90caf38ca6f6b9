import Wire

/// What a task does. Operators are registered by name in the binary that driver and worker run, so a task on the wire
/// is (operator name, stage parameters, task input), never code.
public protocol Operator: Sendable {
  /// The name that stages use, such as `clickstream.features.map`.
  static var name: String { get }

  /// Decodes the parameters of a stage; called once a stage on each worker.
  init(parameters: [UInt8]) throws

  /// Runs one task attempt to its end on a thread of its own (it may block and compute).
  /// - Throws: `TaskFailure` for a failure with a known kind; anything else counts as `.transient`.
  func run(_ task: any TaskContext) throws -> TaskOutput
}

/// What a running task attempt may use. One object an attempt, called from the attempt's thread only.
public protocol TaskContext: AnyObject {
  var attempt: TaskAttemptID { get }

  /// The input of this task, as the plan encoded it (a split, a shard number …).
  var input: [UInt8] { get }

  /// Number of shuffle partitions that the stage's output is cut into; 0 for a stage that returns results.
  var outputPartitions: Int { get }

  /// Throws `TaskFailure.cancelled` once the attempt has been asked to stop. Cheap; call it every few thousand rows.
  func checkCancelled() throws

  /// Reads this partition's block of every map output of the `upstream`-th stage that this one reads, in the order of
  /// the map partitions, whatever the order they arrive in.
  func forEachShuffleBlock(upstream: Int, _ body: (_ mapPartition: Int, _ block: [UInt8]) throws -> Void)
    throws

  /// Adds to the counters that progress shows; may be called often.
  func progress(rows: Int, bytes: Int)

  /// The value cached on this worker under the task's cache key, made by `make` where it is not there (yet, or any
  /// more). The worker tells the driver, which then prefers it for tasks with the same key.
  func cached<Value: Sendable>(_ make: () throws -> (value: Value, bytes: Int)) throws -> Value
}

/// What a task attempt leaves.
public struct TaskOutput: Sendable {
  /// Small result that travels inside the "task finished" message.
  public var result: [UInt8]
  /// One block a shuffle partition (empty blocks are free); empty for a stage that returns results.
  public var blocks: [[UInt8]]
  public var metrics: TaskMetrics

  public init(result: [UInt8] = [], blocks: [[UInt8]] = [], metrics: TaskMetrics = TaskMetrics()) {
    self.result = result
    self.blocks = blocks
    self.metrics = metrics
  }
}

/// The operators of this binary, by name.
package struct OperatorRegistry: Sendable {
  private var types: [String: any Operator.Type] = [:]

  package init(_ types: [any Operator.Type]) {
    for type in types { self.types[type.name] = type }
  }

  package func make(_ name: String, parameters: [UInt8]) throws -> any Operator {
    guard let type = types[name] else {
      throw TaskFailure.fatal(
        "this worker has no operator named '\(name)'; is it the same version as the driver?")
    }
    return try type.init(parameters: parameters)
  }
}
