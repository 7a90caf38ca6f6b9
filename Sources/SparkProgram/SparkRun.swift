// A running spark-submit process.
import Basics
import Foundation
import Jobs
import Wire

/// One `spark-submit` process from start to end.
// @unchecked Sendable: mutable state is behind the monitor; Foundation's Process is only queried and terminated.
final class SparkRun: JobHandle, @unchecked Sendable {
  /// Lines of Spark's log that are kept for the error message.
  private static let keptLines = 30

  private struct State {
    var outcome: JobOutcome?
    var failure: String?
    var isCancelled = false
    var hasExited = false
    var openStreams = 2
    var log: [String] = []
  }

  private let state = Monitor(State())
  private let process: Process
  private let folder: URL
  private let steps: [ResolvedStep]
  private let onEvent: @Sendable (JobEvent) -> Void

  /// Starts the process. The folder is removed when it ends.
  init(
    _ process: Process, folder: URL, steps: [ResolvedStep], onEvent: @escaping @Sendable (JobEvent) -> Void
  ) throws {
    self.process = process
    self.folder = folder
    self.steps = steps
    self.onEvent = onEvent
    let output = Pipe()
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    // Set before the start. Foundation's waitUntilExit would keep a core busy.
    process.terminationHandler = { [state] _ in state.change { $0.hasExited = true } }
    try process.run()
    // Reads block, so each stream has its own thread.
    follow(output) { [self] in receive($0) }
    follow(errors) { [self] line in
      state.withLock { state in
        state.log.append(line)
        if state.log.count > SparkRun.keptLines { state.log.removeFirst() }
      }
    }
    Thread.detachNewThread { [self] in finish() }
  }

  func cancel() {
    let isFirst = state.withLock { state in
      defer { state.isCancelled = true }
      return !state.isCancelled
    }
    guard isFirst else { return }
    signal(SIGTERM)
    Thread.detachNewThread { [self] in
      if state.wait(.seconds(10), until: { $0.outcome }) == nil { signal(SIGKILL) }
    }
  }

  func wait() -> JobOutcome {
    while true {
      if let outcome = state.wait(.seconds(3600), until: { $0.outcome }) { return outcome }
    }
  }

  /// The launcher runs the program as a child in its process group, if it has one of its own.
  private func signal(_ number: Int32) {
    guard process.isRunning else { return }
    let pid = process.processIdentifier
    _ = kill(getpgid(pid) == pid ? -pid : pid, number)
  }

  private func follow(_ pipe: Pipe, _ line: @escaping @Sendable (String) -> Void) {
    let handle = pipe.fileHandleForReading
    Thread.detachNewThread { [self] in
      var rest: [UInt8] = []
      var block = [UInt8](repeating: 0, count: 1 << 14)
      // read returns what is available; Foundation's read would wait for the full count.
      while true {
        let count = read(handle.fileDescriptor, &block, block.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        rest += block[..<count]
        var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = lines.popLast().map(Array.init) ?? []
        for bytes in lines { line(String(decoding: bytes, as: UTF8.self)) }
      }
      if !rest.isEmpty { line(String(decoding: rest, as: UTF8.self)) }
      state.change { $0.openStreams -= 1 }
    }
  }

  /// A line of the program's output: an event, or the output of some library.
  private func receive(_ line: String) {
    let mark = "SWIFTLET "
    guard line.hasPrefix(mark), let value = try? JSONText.parse(String(line.dropFirst(mark.count))),
      case .object(let members) = value, let event = members["event"]?.text
    else { return }
    var step: (index: Int, step: ResolvedStep)?
    if case .integer(let index)? = members["index"], steps.indices.contains(Int(index)) {
      step = (Int(index), steps[Int(index)])
    }
    switch (event, step) {
    case ("accepted", _):
      if let id = members["id"]?.text, JobID.isValid(id) { onEvent(.accepted(JobID(id))) }
    case ("stepStarted", let step?):
      onEvent(.stepStarted(index: step.index, type: step.step.type, name: step.step.name))
    case ("stepFinished", let step?):
      var values: [String: JSONValue] = [:]
      if case .object(let found)? = members["values"] { values = found }
      var seconds = 0.0
      if case .number(let found)? = members["seconds"] { seconds = found }
      let report = StepReport(
        output: (try? step.step.values.string("output")) ?? "", skipped: false, values: values,
        text: members["text"]?.text ?? "")
      onEvent(.stepFinished(index: step.index, seconds: seconds, report: report))
    case ("failed", _):
      state.change { $0.failure = members["message"]?.text }
    default: break
    }
  }

  private func finish() {
    while state.wait(.seconds(3600), until: { $0.hasExited ? true : nil }) == nil {}
    // The last events may still be in the pipes. A child that outlives the process must not block us for long.
    _ = state.wait(.seconds(5)) { $0.openStreams == 0 ? true : nil }
    try? FileManager.default.removeItem(at: folder)
    let status = process.terminationStatus
    let outcome = state.withLock { state -> JobOutcome in
      if state.isCancelled { return .cancelled }
      if status == 0 { return .done }
      return .failed(
        state.failure
          ?? "spark-submit exited with code \(status); the end of its log:\n  "
          + state.log.joined(separator: "\n  "))
    }
    onEvent(.finished(outcome))
    state.change { $0.outcome = outcome }
  }
}
