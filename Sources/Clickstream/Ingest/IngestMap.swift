import Basics
import CSimdJSON
import Engine
import Kafka
import Storage
import Wire

/// Copies the events of one offset range to files by UTC date. The contents of the files depend only on the messages of the range,
/// their names on the range.
package struct IngestMap: Operator {
  package static let name = "clickstream.ingest"

  private let parameters: IngestParameters

  package init(parameters: [UInt8]) throws {
    self.parameters = try IngestParameters(decoding: parameters)
  }

  package func run(_ task: any TaskContext) throws -> TaskOutput {
    let range = try OffsetRange(decoding: task.input)
    let topic = try KafkaTopic(KafkaClient(consuming: parameters.kafka), parameters.topic)
    let reader = try PartitionReader(topic, range, failOnDataLoss: parameters.failOnDataLoss)
    var split = try IngestSplit(range, topic: topic.location, parameters, task)
    do {
      while try reader.next({ split.append($0) }) {
        try task.checkCancelled()
        try split.scan()
      }
      try split.scan()
      return try split.finish(lost: reader.lost)
    } catch {
      split.abort()
      throw error
    }
  }
}

/// The work on one range: lines in, files out.
private struct IngestSplit: ~Copyable {
  /// Times that have a date `YYYY-MM-DD`: 0001-01-01 to 9999-12-31.
  private static let times: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

  private let range: OffsetRange
  private let location: String
  private let parameters: IngestParameters
  private let task: any TaskContext
  private let part: String
  private let files: DateFiles
  private var scanner: EventScanner
  private var lines = MessageLines()
  private var tally: ScanTally
  private var bytesRead = 0
  /// Adjacent lines of one day, which go to its file in one write.
  private var run = 0..<0
  private var runRows = 0
  private var runDay = 0
  private var runTimes: Range<Int64> = 0..<0

  init(
    _ range: OffsetRange, topic: String, _ parameters: IngestParameters, _ task: any TaskContext
  ) throws {
    self.range = range
    self.parameters = parameters
    self.task = task
    location = "\(topic), partition \(range.partition)"
    part = "part-\(PlainText.zeroPadded(range.partition, 5))-\(PlainText.zeroPadded(range.start, 16))"
    files = DateFiles(staging: parameters.staging, attempt: "\(task.attempt)", part: part)
    scanner = try EventScanner()
    tally = ScanTally(cap: parameters.rejectedCap)
  }

  mutating func append(_ record: KafkaRecord) { lines.append(record.payload, offset: record.offset) }

  /// Scans the lines collected so far, and drops them.
  mutating func scan() throws {
    guard !lines.isEmpty else { return }
    let before = tally.read
    let all = lines.bytes
    var rest = all
    var message = 0
    while !rest.isEmpty {
      let start = all.count - rest.count
      let events = try scanner.scan(&rest)
      tally.add(read: events.count, lines: scanner.lines)
      for event in events {
        let line =
          start + Int(event.line_offset)..<start + Int(event.line_offset) + Int(event.line_length) + 1
        let isDated = event.reason == 0 && IngestSplit.times.contains(event.timestamp)
        if isDated {
          try add(line, event.timestamp, of: all)
        } else {
          // Blank messages give no event: find the message of this line.
          while message + 1 < lines.starts.count, lines.starts[message + 1] <= line.lowerBound {
            message += 1
          }
          reject(line, RejectReason(rawValue: event.reason) ?? .badTimestamp, lines.offsets[message], of: all)
        }
      }
    }
    try writeRun(of: all)
    bytesRead += all.count
    task.progress(rows: tally.read - before, bytes: all.count)
    lines.removeAll()
  }

  @inline(__always)
  private mutating func add(_ line: Range<Int>, _ time: Int64, of all: UnsafeRawBufferPointer) throws {
    if line.lowerBound == run.upperBound, runTimes.contains(time), runRows > 0 {
      run = run.lowerBound..<line.upperBound
      runRows += 1
      return
    }
    try writeRun(of: all)
    if !runTimes.contains(time) {
      runDay = Int((time - (time < 0 ? ISO8601.millisecondsPerDay - 1 : 0)) / ISO8601.millisecondsPerDay)
      let start = Int64(runDay) * ISO8601.millisecondsPerDay
      runTimes = start..<start + ISO8601.millisecondsPerDay
    }
    run = line
    runRows = 1
  }

  private mutating func writeRun(of all: UnsafeRawBufferPointer) throws {
    if runRows > 0 {
      try files.append(UnsafeRawBufferPointer(rebasing: all[run]), rows: runRows, day: runDay)
    }
    runRows = 0
  }

  private mutating func reject(
    _ line: Range<Int>, _ reason: RejectReason, _ offset: Int64, of all: UnsafeRawBufferPointer
  ) {
    tally.reject(reason) { _ in
      RejectedLine(
        file: location, number: nil, offset: offset, reason: reason,
        line: all[line.lowerBound..<line.upperBound - 1].lazy.map(MessageLines.original))
    }
  }

  func finish(lost: Int64) throws -> TaskOutput {
    var result = IngestResult(tally: tally, lost: lost, fails: tally.exceeds(parameters.maxRejectedShare))
    result.files = try files.close()
    result.sideFiles = try RejectedFile.stage(
      tally.lines.map { $0.json(topic: parameters.topic, partition: range.partition) }, part: part,
      parameters.staging, task)
    var metrics = TaskMetrics()
    metrics.rowsRead = tally.read
    metrics.bytesRead = bytesRead
    metrics.rowsWritten = result.files.reduce(0) { $0 + $1.rows }
    metrics.bytesWritten = result.files.reduce(0) { $0 + $1.bytes }
    return TaskOutput(result: result.encoded, metrics: metrics)
  }

  func abort() { files.abort() }
}
