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

/// What a task attempt leaves.
public struct TaskOutput: Sendable {
  /// Small result that travels inside the "task finished" message.
  public var result: [UInt8]
  /// One block a shuffle partition (empty blocks are free); empty for a stage that returns results, and for a task that
  /// has handed its output over by ``TaskContext/emit(_:to:)``.
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
