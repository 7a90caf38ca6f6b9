import Basics

/// The counters of task attempts. To add a counter, add a case and its ``declaration``: messages, sums, event logs, JSON and
/// metrics then include it.
public enum TaskCounter: Int, CaseIterable, Sendable {
  case rowsRead
  case bytesRead
  case rowsWritten
  case bytesWritten
  case shuffleReadBytes
  case shuffleWriteBytes
  case spilledBytes
  case microseconds

  package struct Declaration: Sendable {
    /// Its name in JSON and event logs.
    package let name: String
    /// Its name in Prometheus metrics, as a sum over successful attempts; nil if it is exported in another way.
    package let metric: String?
    package let help: String
  }

  package var declaration: Declaration {
    func counter(_ name: String, _ metric: String?, _ help: String) -> Declaration {
      Declaration(name: name, metric: metric, help: help)
    }
    return switch self {
    case .rowsRead: counter("rowsRead", "swiftlet_rows_read_total", "Rows read by tasks.")
    case .bytesRead: counter("bytesRead", "swiftlet_read_bytes_total", "Bytes of input read by tasks.")
    case .rowsWritten: counter("rowsWritten", "swiftlet_rows_written_total", "Rows written by tasks.")
    case .bytesWritten:
      counter("bytesWritten", "swiftlet_written_bytes_total", "Bytes of output written by tasks.")
    case .shuffleReadBytes:
      counter("shuffleRead", "swiftlet_shuffle_read_bytes_total", "Bytes of shuffle blocks fetched by tasks.")
    case .shuffleWriteBytes:
      counter(
        "shuffleWritten", "swiftlet_shuffle_written_bytes_total", "Bytes of shuffle blocks written by tasks.")
    case .spilledBytes:
      counter("spilled", "swiftlet_spilled_bytes_total", "Bytes spilled to local disks for lack of memory.")
    case .microseconds: counter("microseconds", nil, "Run time.")
    }
  }
}

/// The counters of one task attempt. The sum over a stage's tasks gives the stage's numbers.
public struct TaskMetrics: Hashable, Sendable, WireCodable {
  /// Indexed by the counter's number; never negative. Has a lane for each counter, which a test checks, and few others:
  /// metrics are copied with each report of a task.
  @usableFromInline var values = SIMD8<UInt64>()

  @inlinable public init() {}

  @inlinable public subscript(counter: TaskCounter) -> Int {
    get { Int(bitPattern: UInt(values[counter.rawValue])) }
    set { values[counter.rawValue] = UInt64(bitPattern: Int64(newValue)) }
  }

  public init(from reader: inout ByteReader) throws(WireError) {
    for counter in TaskCounter.allCases { self[counter] = try reader.count() }
  }

  public func encode(to writer: inout ByteWriter) {
    for counter in TaskCounter.allCases { writer.count(self[counter]) }
  }

  /// Adds with saturation, so that values from peers cannot overflow in the driver.
  @inlinable public static func += (a: inout TaskMetrics, b: TaskMetrics) {
    let sum = a.values &+ b.values
    // A sum over the largest Int has its upper bit set: all bits below it, then. Without a comparison, which takes SSE2 long.
    let overflow = 0 &- (sum &>> 63)
    a.values = (sum | overflow) & SIMD8(repeating: UInt64(Int64.max))
  }
}

extension TaskMetrics {
  public var rowsRead: Int {
    get { self[.rowsRead] }
    set { self[.rowsRead] = newValue }
  }

  public var bytesRead: Int {
    get { self[.bytesRead] }
    set { self[.bytesRead] = newValue }
  }

  public var rowsWritten: Int {
    get { self[.rowsWritten] }
    set { self[.rowsWritten] = newValue }
  }

  public var bytesWritten: Int {
    get { self[.bytesWritten] }
    set { self[.bytesWritten] = newValue }
  }

  public var microseconds: Int {
    get { self[.microseconds] }
    set { self[.microseconds] = newValue }
  }

  /// Total bytes read from and written to shuffles. Saturates.
  package var shuffledBytes: Int {
    let (sum, overflow) = self[.shuffleReadBytes].addingReportingOverflow(self[.shuffleWriteBytes])
    return overflow ? .max : sum
  }
}
