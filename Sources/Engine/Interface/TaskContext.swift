import Wire

/// What a running task attempt may use. There is one object per attempt, called only from the attempt's thread.
public protocol TaskContext: AnyObject {
  var attempt: TaskAttemptID { get }

  /// The input of this task as encoded by the plan (a split, a shard number …).
  var input: [UInt8] { get }

  /// Number of shuffle partitions of the stage's output; 0 for a stage that returns results.
  var outputPartitions: Int { get }

  /// Bytes that the attempt may keep in tables and buffers. Anything beyond belongs in a ``spill()``. The value differs between
  /// workers, so results must not depend on it.
  var memory: Int { get }

  /// Throws `TaskFailure.cancelled` if the attempt has been asked to stop. Cheap; call it every few thousand rows.
  func checkCancelled() throws

  /// Reads this partition's block of every map output of the `upstream`-th input stage, in map partition order, regardless of
  /// the order of arrival. A map output made in runs is passed run by run, in the order they were made; an empty one is passed
  /// as one empty block.
  func forEachShuffleBlock(upstream: Int, _ body: (_ mapPartition: Int, _ block: [UInt8]) throws -> Void)
    throws

  /// Passes on part of the attempt's output: one run of a shuffle partition, which follows the partition's earlier runs. For
  /// outputs that are too large to keep until the end. Where a run ends must depend only on the input and the job.
  /// - Throws: `TaskFailure.transient` if the disk to write to is full.
  func emit(_ run: [UInt8], to partition: Int) throws

  /// Creates an empty file on the worker's disk for data that does not fit into ``memory``. The file is deleted with its
  /// object.
  /// - Throws: `TaskFailure.transient`, naming the folder.
  func spill() throws -> any SpillFile

  /// Adds to the counters shown as progress. May be called often.
  func progress(rows: Int, bytes: Int)

  /// The value cached on this worker under the task's cache key. Calls `make` if the value is not cached, or was evicted:
  /// unused values are dropped when memory is short. The worker tells the driver, which then prefers this worker for tasks with
  /// the same key.
  func cached<Value: Sendable>(_ make: () throws -> (value: Value, bytes: Int)) throws -> Value
}

/// Blocks of bytes on disk, written in order and then read in the same order. Use from one thread at a time.
public protocol SpillFile: AnyObject {
  /// - Throws: `TaskFailure.transient` if the disk is full.
  func append(_ block: [UInt8]) throws

  /// The next block, starting with the first; nil after the last. Nothing may be appended after the first call.
  /// - Throws: `TaskFailure.transient` if the disk does not return what was written.
  func next() throws -> [UInt8]?
}

/// A cached value whose size changes while tasks use it. Its size is measured again after each task.
public protocol CachedValue: Sendable {
  /// Size in bytes.
  var cachedBytes: Int { get }

  /// Frees what it can do without, because it does not fit in the cache. Nobody uses the value during the call.
  func trim()
}

extension CachedValue {
  public func trim() {}
}
