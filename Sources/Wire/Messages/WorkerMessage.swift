import Basics

/// What a worker contributes to the cluster.
package struct WorkerInfo: Hashable, Sendable, WireCodable {
  /// A name for people: host name and process id.
  package let name: String
  /// Number of executor slots: how many tasks run at a time.
  package let slots: Int
  /// Bytes that its tables, blocks and caches may use.
  package let memory: Int
  /// Where other workers fetch its shuffle blocks.
  package let shuffleEndpoint: String
  /// Counts the connections of one process to a driver. A life above 1 means that the process had connected before.
  package var life = 1

  /// More than any machine has, yet small enough that the sum over all workers does not overflow.
  package static let largestMemory = 1 << 48

  package init(name: String, slots: Int, memory: Int, shuffleEndpoint: String) {
    self.name = name
    self.slots = slots
    self.memory = memory
    self.shuffleEndpoint = shuffleEndpoint
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    name = try reader.string()
    slots = try reader.count()
    memory = try reader.count()
    shuffleEndpoint = try reader.string()
    life = try reader.count()
    guard (1...65536).contains(slots) else { throw .invalid("a worker with \(slots) slots") }
    guard memory <= WorkerInfo.largestMemory else { throw .invalid("a worker with \(memory) bytes") }
  }

  package func encode(to writer: inout ByteWriter) {
    writer.string(name)
    writer.count(slots)
    writer.count(memory)
    writer.string(shuffleEndpoint)
    writer.count(life)
  }
}

/// What a successful attempt reports to the driver. The blocks themselves stay on the worker.
package struct TaskSuccess: Hashable, Sendable, WireCodable {
  package let result: [UInt8]
  /// Size of each shuffle block of the output, in bytes; empty if the task has no blocks.
  package let blockSizes: [UInt32]
  /// Whether the worker now has the value for the task's cache key.
  package let isCached: Bool
  package let metrics: TaskMetrics

  package init(result: [UInt8], blockSizes: [UInt32], isCached: Bool, metrics: TaskMetrics) {
    self.result = result
    self.blockSizes = blockSizes
    self.isCached = isCached
    self.metrics = metrics
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      result: try reader.blob(), blockSizes: try reader.array(), isCached: try reader.bool(),
      metrics: try reader.value())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.blob(result)
    writer.array(blockSizes)
    writer.bool(isCached)
    writer.value(metrics)
  }
}

/// How an attempt ended.
package struct TaskReport: Hashable, Sendable, WireCodable {
  package enum Outcome: Hashable, Sendable {
    case success(TaskSuccess)
    case failure(TaskFailure)
  }

  package let attempt: TaskAttemptID
  package let outcome: Outcome

  package init(attempt: TaskAttemptID, outcome: Outcome) {
    self.attempt = attempt
    self.outcome = outcome
  }

  /// Approximate size on the wire, in bytes.
  package var size: Int {
    switch outcome {
    case .success(let success): 160 + success.result.count + 4 * success.blockSizes.count
    case .failure(let failure): 160 + failure.message.utf8.count
    }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      attempt: try reader.value(),
      outcome: try reader.bool() ? .success(try reader.value()) : .failure(try reader.value()))
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(attempt)
    switch outcome {
    case .success(let success):
      writer.bool(true)
      writer.value(success)
    case .failure(let failure):
      writer.bool(false)
      writer.value(failure)
    }
  }
}

/// The progress of a running attempt.
package struct TaskProgress: Hashable, Sendable, WireCodable {
  package let attempt: TaskAttemptID
  package let rows: Int
  package let bytes: Int

  package init(attempt: TaskAttemptID, rows: Int, bytes: Int) {
    self.attempt = attempt
    self.rows = rows
    self.bytes = bytes
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    self.init(attempt: try reader.value(), rows: try reader.count(), bytes: try reader.count())
  }

  package func encode(to writer: inout ByteWriter) {
    writer.value(attempt)
    writer.count(rows)
    writer.count(bytes)
  }
}

/// A message from a worker to the driver.
package enum WorkerMessage: Hashable, Sendable {
  case register(WorkerInfo)
  case reports([TaskReport])
  case heartbeat([TaskProgress])
  /// The worker wants to leave and should get no more tasks.
  case draining
}

extension WorkerMessage: FrameCodable {
  package var frameType: UInt8 {
    switch self {
    case .register: 64
    case .reports: 65
    case .heartbeat: 66
    case .draining: 67
    }
  }

  package func encode(to writer: inout ByteWriter) {
    switch self {
    case .register(let info): writer.value(info)
    case .reports(let reports): writer.list(reports)
    case .heartbeat(let progress): writer.list(progress)
    case .draining: break
    }
  }

  package init(type: UInt8, from reader: inout ByteReader) throws(WireError) {
    switch type {
    case 64: self = .register(try reader.value())
    case 65: self = .reports(try reader.list())
    case 66: self = .heartbeat(try reader.list())
    case 67: self = .draining
    default: throw .invalid("worker message type \(type)")
    }
  }
}
