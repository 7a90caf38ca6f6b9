import Wire

/// The code that a task runs. Operators are registered by name in the binary that driver and workers share, so a task on the
/// wire is (operator name, stage parameters, task input), never code.
public protocol Operator: Sendable {
  /// The name that stages use, for example `clickstream.features.map`.
  static var name: String { get }

  /// Decodes the parameters of a stage. Called once per stage on each worker.
  init(parameters: [UInt8]) throws

  /// Runs one task attempt to completion on its own thread; it may block and compute.
  /// - Throws: `TaskFailure` for a failure of a known kind; any other error counts as `.transient`.
  func run(_ task: any TaskContext) throws -> TaskOutput
}

/// The output of a task attempt.
public struct TaskOutput: Sendable {
  /// A small result that travels inside the "task finished" message.
  public var result: [UInt8]
  /// One block per shuffle partition (empty blocks are free). Empty for a stage that returns results, and for a task that has
  /// passed on its output with ``TaskContext/emit(_:to:)``.
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
