import Wire

/// What a running task attempt may use. One object an attempt, called from the attempt's thread only.
public protocol TaskContext: AnyObject {
  var attempt: TaskAttemptID { get }

  /// The input of this task, as the plan encoded it (a split, a shard number …).
  var input: [UInt8] { get }

  /// Number of shuffle partitions that the stage's output is cut into; 0 for a stage that returns results.
  var outputPartitions: Int { get }

  /// Bytes that the attempt may keep in tables and buffers. What goes over belongs into a ``spill()``. It differs from
  /// worker to worker, so results must not depend on it.
  var memory: Int { get }

  /// Throws `TaskFailure.cancelled` once the attempt has been asked to stop. Cheap; call it every few thousand rows.
  func checkCancelled() throws

  /// Reads this partition's block of every map output of the `upstream`-th stage that this one reads, in the order of
  /// the map partitions, whatever the order they arrive in. A map output that was made in runs comes run by run, in the order
  /// they were made; an empty one comes as one empty block.
  func forEachShuffleBlock(upstream: Int, _ body: (_ mapPartition: Int, _ block: [UInt8]) throws -> Void)
    throws

  /// Hands a part of the attempt's output over: a run of a shuffle partition, which comes after those before it. For outputs
  /// that are too large to keep until the end; where a run ends must depend on the input and the job alone.
  /// - Throws: `TaskFailure.transient` where it should go to a disk that is full.
  func emit(_ run: [UInt8], to partition: Int) throws

  /// A new, empty file on the worker's disk for what does not fit into ``memory``. It ends with its object.
  /// - Throws: `TaskFailure.transient`, naming the folder.
  func spill() throws -> any SpillFile

  /// Adds to the counters that progress shows; may be called often.
  func progress(rows: Int, bytes: Int)

  /// The value cached on this worker under the task's cache key, made by `make` where it is not there (yet, or any
  /// more: values that nobody uses are dropped where memory is short). The worker tells the driver, which then prefers it
  /// for tasks with the same key.
  func cached<Value: Sendable>(_ make: () throws -> (value: Value, bytes: Int)) throws -> Value
}

/// Blocks of bytes on disk: written in order, then read in the same order. One thread at a time.
public protocol SpillFile: AnyObject {
  /// - Throws: `TaskFailure.transient` where the disk is full.
  func append(_ block: [UInt8]) throws

  /// The next block, from the first on; nil after the last. Nothing may be appended from then on.
  /// - Throws: `TaskFailure.transient` where the disk does not give back what was written.
  func next() throws -> [UInt8]?
}

/// A cached value whose size changes while tasks use it; counted anew after each.
public protocol CachedValue: Sendable {
  /// Bytes.
  var cachedBytes: Int { get }

  /// Gives up what it can do without, because there is no room for all of it. Nobody uses it meanwhile.
  func trim()
}

extension CachedValue {
  public func trim() {}
}
