import Engine
import Wire

// The engine's own interface, for jobs that need full control: the same protocol that the library's pipelines, the
// clickstream features and k-means are made of. Nothing else of the engine is exported.

/// What a task does; see `Operator` in docs/your-own-job.md.
public typealias Operator = Engine.Operator
/// What a running task attempt may use.
public typealias TaskContext = Engine.TaskContext
/// Blocks of bytes on disk, for what a task has no memory for.
public typealias SpillFile = Engine.SpillFile
/// A cached value whose size changes.
public typealias CachedValue = Engine.CachedValue
/// What a task attempt leaves.
public typealias TaskOutput = Engine.TaskOutput
/// What a task attempt counted.
public typealias TaskMetrics = Wire.TaskMetrics
/// Why a task attempt ended without a result.
public typealias TaskFailure = Wire.TaskFailure
/// The engine as a job sees it.
public typealias JobSession = Engine.JobSession
/// Why a job ended early.
public typealias JobFailure = Engine.JobFailure
/// Stages in topological order.
public typealias StageGraph = Engine.StageGraph
/// The same operator over many partitions.
public typealias StageSpec = Engine.StageSpec
/// One task of a stage.
public typealias TaskSpec = Engine.TaskSpec
/// The result of one task.
public typealias TaskResult = Engine.TaskResult
