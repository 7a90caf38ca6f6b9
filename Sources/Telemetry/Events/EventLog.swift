import Basics
import CommandLine
import Foundation
import Wire

/// Writes each job's events to its own file: `DIR/ID.jsonl.part` while it runs, then `DIR/ID.jsonl`. If the disk fails,
/// only the log is lost. Used by one thread.
package struct EventLog {
  /// Further attempts are left out of the log; everything else is kept.
  private static let attemptLimit = 2_000_000

  private struct Open {
    let path: String
    let file: FileHandle
    var buffer: [UInt8] = []
    var attempts = 0
  }

  private let folder: String
  private let log: Log
  private var open: [JobID: Open] = [:]
  private var driver: ClusterEvent?
  private var workers: [WorkerID: ClusterEvent] = [:]

  /// Creates the folder if it does not exist.
  package init(_ folder: String, log: Log) throws {
    self.folder = folder
    self.log = log
    if let code = StateFolder.make(folder, mode: 0o777) {
      throw StateError.folder(folder, reason: "cannot be made: \(StateFolder.reason(code))")
    }
    guard access(folder, W_OK) == 0 else { throw StateError.folder(folder, reason: "cannot be written to") }
  }

  package mutating func write(_ event: ClusterEvent) {
    switch event.what {
    case .workerLoads, .dropped: break
    case .driverStarted: driver = event
    case .workerJoined(let id, _):
      workers[id] = event
      writeToAll(event)
    case .workerLost(let id, _):
      workers[id] = nil
      writeToAll(event)
    case .workerChanged: writeToAll(event)
    case .jobSubmitted(let record): begin(record, event)
    case .jobStarted(let id):
      append(event, to: id)
      for worker in workers.keys.sorted() { if let joined = workers[worker] { append(joined, to: id) } }
    case .graphStarted(let id, _, _), .stages(let id, _, _): append(event, to: id)
    case .attemptEnded(let attempt):
      open[attempt.job]?.attempts += 1
      guard open[attempt.job]?.attempts ?? 0 <= EventLog.attemptLimit else { return }
      append(event, to: attempt.job)
    case .job(let id, let what):
      append(event, to: id)
      if case .finished = what { end(id) }
    }
  }

  /// Flushes the buffer to the system.
  package mutating func flush() {
    for id in open.keys { flush(id) }
  }

  private mutating func begin(_ record: JobRecord, _ event: ClusterEvent) {
    let path = "\(folder)/\(record.id.name).jsonl.part"
    // A job resumed after a restart appends to its log.
    let isNew = !FileManager.default.fileExists(atPath: path)
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      return log.write(
        .error, "no event log of job \(record.id): \(path): \(String(cString: strerror(errno)))",
        job: record.id)
    }
    open[record.id] = Open(path: path, file: FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    // A crashed driver may have left an incomplete last line.
    if isNew {
      let header: JSONValue = [
        "event": "log", "format": "swiftlet.events", "version": .count(ClusterEvent.logVersion),
        "job": .string(record.id.name), "at": .integer(event.at.microseconds),
      ]
      append(JSONText.compact(header), to: record.id)
    } else {
      append("", to: record.id)
    }
    if let driver { append(driver, to: record.id) }
    if isNew { append(event, to: record.id) }
    flush(record.id)
  }

  private mutating func writeToAll(_ event: ClusterEvent) { for id in open.keys { append(event, to: id) } }

  private mutating func append(_ event: ClusterEvent, to id: JobID) {
    guard open[id] != nil, let json = event.json else { return }
    append(JSONText.compact(json), to: id)
  }

  private mutating func append(_ line: String, to id: JobID) {
    open[id]?.buffer.append(contentsOf: line.utf8)
    open[id]?.buffer.append(UInt8(ascii: "\n"))
    if open[id]?.buffer.count ?? 0 >= 1 << 16 { flush(id) }
  }

  private mutating func flush(_ id: JobID) {
    guard let buffer = open[id]?.buffer, !buffer.isEmpty else { return }
    open[id]?.buffer.removeAll(keepingCapacity: true)
    do {
      try open[id]?.file.write(contentsOf: buffer)
    } catch {
      log.write(.error, "the event log of job \(id) ends here: \(error.localizedDescription)", job: id)
      open[id] = nil
    }
  }

  private mutating func end(_ id: JobID) {
    flush(id)
    guard let log = open.removeValue(forKey: id) else { return }
    rename(log.path, String(log.path.dropLast(".part".count)))
  }
}
