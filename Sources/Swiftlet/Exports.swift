import Engine
import Wire

// The engine's own interface, for jobs that need full control. The library's pipelines, the clickstream features and k-means
// use the same protocol. Nothing else of the engine is exported.

/// The work of a task; see `Operator` in docs/your-own-job.md.
public typealias Operator = Engine.Operator
/// The services available to a running task attempt.
public typealias TaskContext = Engine.TaskContext
/// Blocks of bytes on disk, for data that does not fit in a task's memory.
public typealias SpillFile = Engine.SpillFile
/// A cached value whose size changes.
public typealias CachedValue = Engine.CachedValue
/// The output of a task attempt.
public typealias TaskOutput = Engine.TaskOutput
/// The counters of a task attempt.
public typealias TaskMetrics = Wire.TaskMetrics
/// Why a task attempt ended without a result.
public typealias TaskFailure = Wire.TaskFailure
/// The job's view of the engine.
public typealias JobSession = Engine.JobSession
/// Why a job ended early.
public typealias JobFailure = Engine.JobFailure
/// Stages in topological order.
public typealias StageGraph = Engine.StageGraph
/// A stage: the same operator applied to many partitions.
public typealias StageSpec = Engine.StageSpec
/// One task of a stage.
public typealias TaskSpec = Engine.TaskSpec
/// The result of one task.
public typealias TaskResult = Engine.TaskResult
