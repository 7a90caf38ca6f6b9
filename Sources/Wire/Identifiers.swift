import Basics

/// A job on one driver. Text chosen by the submitter or the driver. Used in file names, so only `[A-Za-z0-9._-]` is allowed.
public struct JobID: Hashable, Sendable, WireCodable, CustomStringConvertible {
  public let name: String

  package init(_ name: String) { self.name = name }

  /// A name received over the wire must be safe in a file name: not empty, no separators, not `.` or `..`.
  public init(from reader: inout ByteReader) throws(WireError) {
    name = try reader.string()
    guard JobID.isValid(name) else { throw .invalid("job id \(name.debugDescription)") }
  }

  public func encode(to writer: inout ByteWriter) { writer.string(name) }

  /// The longest id that a user may choose. Drivers append a suffix for each run, so ids on the wire may be longer.
  package static let longestChosen = 64
  package static let rule = "1 to \(longestChosen) letters, digits, '.', '_' and '-', not starting with '.'"
  package static let pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,\(longestChosen - 1)}$"

  /// Whether a user may choose `name` as an id.
  package static func canBeChosen(_ name: String) -> Bool {
    isValid(name) && name.utf8.count <= longestChosen
  }

  /// Whether `name` has 1 to 200 characters from `[A-Za-z0-9._-]` and does not start with a dot.
  package static func isValid(_ name: String) -> Bool {
    (1...200).contains(name.utf8.count) && name.utf8.first != UInt8(ascii: ".")
      && name.utf8.allSatisfy { $0.isLetterOrDigit || "._-".utf8.contains($0) }
  }

  public var description: String { name }
}

/// A stage within a job. Numbers increase over the life of the job and are never reused.
public struct StageID: Hashable, Comparable, Sendable, WireCodable, CustomStringConvertible {
  public let job: JobID
  public let number: Int

  package init(job: JobID, number: Int) {
    self.job = job
    self.number = number
  }

  public init(from reader: inout ByteReader) throws(WireError) {
    self.init(job: try reader.value(), number: try reader.count())
  }

  public func encode(to writer: inout ByteWriter) {
    writer.value(job)
    writer.count(number)
  }

  public static func < (a: StageID, b: StageID) -> Bool { (a.job.name, a.number) < (b.job.name, b.number) }

  public var description: String { "\(job)/\(number)" }
}

/// The work for one partition of a stage, across all its attempts.
public struct TaskID: Hashable, Comparable, Sendable, WireCodable, CustomStringConvertible {
  public let stage: StageID
  public let partition: Int

  package init(stage: StageID, partition: Int) {
    self.stage = stage
    self.partition = partition
  }

  public init(from reader: inout ByteReader) throws(WireError) {
    self.init(stage: try reader.value(), partition: try reader.count())
  }

  public func encode(to writer: inout ByteWriter) {
    writer.value(stage)
    writer.count(partition)
  }

  public static func < (a: TaskID, b: TaskID) -> Bool { (a.stage, a.partition) < (b.stage, b.partition) }

  public var description: String { "\(stage)/\(partition)" }
}

/// One attempt at a task. Messages, logs and file names identify attempts by it.
public struct TaskAttemptID: Hashable, Comparable, Sendable, WireCodable, CustomStringConvertible {
  public let task: TaskID
  /// 0 for the first attempt.
  public let attempt: Int

  package init(task: TaskID, attempt: Int) {
    self.task = task
    self.attempt = attempt
  }

  public init(from reader: inout ByteReader) throws(WireError) {
    self.init(task: try reader.value(), attempt: try reader.count())
  }

  public func encode(to writer: inout ByteWriter) {
    writer.value(task)
    writer.count(attempt)
  }

  public static func < (a: TaskAttemptID, b: TaskAttemptID) -> Bool {
    (a.task, a.attempt) < (b.task, b.attempt)
  }

  public var description: String { "\(task).\(attempt)" }
}

/// One life of a worker process with one driver. A worker that reconnects gets a new id.
package struct WorkerID: Hashable, Comparable, Sendable, WireCodable, CustomStringConvertible {
  package let number: Int

  package init(_ number: Int) { self.number = number }

  package init(from reader: inout ByteReader) throws(WireError) { number = try reader.count() }

  package func encode(to writer: inout ByteWriter) { writer.count(number) }

  package static func < (a: WorkerID, b: WorkerID) -> Bool { a.number < b.number }

  package var description: String { "worker-\(number)" }
}
