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
  /// Indexed by the counter's number; never negative. Has more lanes than there are counters, which a test checks.
  private var values = SIMD16<Int>()

  public init() {}

  public subscript(counter: TaskCounter) -> Int {
    get { values[counter.rawValue] }
    set { values[counter.rawValue] = newValue }
  }

  package init(from reader: inout ByteReader) throws(WireError) {
    for counter in TaskCounter.allCases { self[counter] = try reader.count() }
  }

  package func encode(to writer: inout ByteWriter) {
    for counter in TaskCounter.allCases { writer.count(self[counter]) }
  }

  /// Adds with saturation, so that values from peers cannot overflow in the driver.
  public static func += (a: inout TaskMetrics, b: TaskMetrics) {
    a.values &+= b.values
    a.values.replace(with: .max, where: a.values .< 0)
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
