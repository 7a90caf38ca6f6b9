import Basics
import Wire

/// The result of one task of a graph's last stage.
public struct TaskResult: Sendable {
  public let payload: [UInt8]
  public let metrics: TaskMetrics

  public init(payload: [UInt8], metrics: TaskMetrics) {
    self.payload = payload
    self.metrics = metrics
  }
}

extension [TaskResult] {
  /// Decodes what the tasks of a stage returned.
  package func decoded<Value: WireCodable>(
    _ type: Value.Type = Value.self, stage: String
  ) throws(JobFailure) -> [Value] {
    do {
      return try map { try Value(decoding: $0.payload) }
    } catch {
      throw .failed("\(stage): a task returned what cannot be read: \(error)")
    }
  }
}

/// Why a job ended early. The message is complete and for people: it names the location and what to do.
public enum JobFailure: Error, Hashable, Sendable, CustomStringConvertible {
  case failed(String)
  case cancelled
  case poisonTask(PoisonTask)

  public var description: String {
    switch self {
    case .failed(let message): message
    case .cancelled: "cancelled"
    case .poisonTask(let task): task.description
    }
  }
}

/// A task that killed workers repeatedly, the last time with nothing else on the worker.
public struct PoisonTask: Hashable, Sendable, CustomStringConvertible {
  /// Name of the task's stage.
  public let stage: String
  public let partition: Int
  /// Number of attempts made, including those that ended for other reasons.
  public let attempts: Int
  /// Names of the workers that died, in order.
  public let workers: [String]

  public var description: String {
    "stage '\(stage)', task \(partition): \(workers.count) workers died while they ran it, the last one while it ran "
      + "nothing else (\(workers.joined(separator: ", "))); attempts: \(attempts)"
  }
}

/// The engine as seen by a step's driver program. The program runs on its own thread and may block.
public protocol JobSession: AnyObject, Sendable {
  var job: JobID { get }

  /// Runs the graph and returns the results of its last stage in partition order, wherever the tasks ran. The graph's map
  /// outputs are dropped when this returns.
  /// - Throws: `JobFailure`.
  func run(_ graph: StageGraph) throws -> [TaskResult]

  /// Drops the job's cached values whose keys start with `prefix`, on all workers.
  func dropCache(prefix: String)

  /// Throws `JobFailure.cancelled` if the job has been asked to stop.
  func checkCancelled() throws

  /// A short line about what the step is doing, shown with its progress.
  func status(_ line: String)
}
