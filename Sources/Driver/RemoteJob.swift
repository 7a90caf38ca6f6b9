import Basics
import Jobs
import Telemetry
import Transport
import Wire

/// A job of this client on a driver. Events arrive as they happen. If a driver that keeps its jobs (`--state`)
/// is lost, the client reconnects and follows the job again by its id.
///
/// Handlers only record events; the thread in ``wait()`` reconnects.
final class RemoteJob: JobHandle {
  private struct State: Sendable {
    var connection: (any Connection)?
    /// Why the connection ended, until there is a new one.
    var lost: String?
    /// When the driver was last connected.
    var seen = ContinuousClock.now
    var id: JobID?
    /// The driver saves the job, so reconnecting makes sense.
    var isKept = false
    var isCancelled = false
    /// The connection was lost, and nothing has arrived since.
    var isReturning = false
    /// Steps already reported as done; the driver sends them again after a reconnect.
    var stepsDone: Set<Int> = []
    var outcome: JobOutcome?
  }

  private enum Turn {
    case ended(JobOutcome)
    case lost(String)
  }

  private static let pause: Duration = .milliseconds(300)

  private let state = Monitor(State())
  private let endpoint: Endpoint
  private let rejoin: Duration
  private let open: @Sendable () throws -> any Connection
  private let onEvent: @Sendable (JobEvent) -> Void

  /// - Parameters:
  ///   - rejoin: How long to try to reconnect to a lost driver.
  ///   - open: Opens a new connection to the driver; blocks for a few seconds at most.
  init(
    _ endpoint: Endpoint, rejoin: Duration, open: @escaping @Sendable () throws -> any Connection,
    onEvent: @escaping @Sendable (JobEvent) -> Void
  ) {
    self.endpoint = endpoint
    self.rejoin = rejoin
    self.open = open
    self.onEvent = onEvent
  }

  func submit(_ submission: JobSubmission) throws {
    let frame = try ClientMessage.submit(submission, id: nil).frame
    follow(try open(), frame)
  }

  func cancel() {
    let connection = state.change { state in
      state.isCancelled = true
      return state.connection
    }
    if let connection, let frame = try? ClientMessage.cancel.frame { connection.send(frame) }
  }

  func wait() -> JobOutcome {
    // Every wait ends: keepalive or the driver's end closes the connection.
    while true {
      let turn = state.wait(.seconds(3600)) { state -> Turn? in
        if let outcome = state.outcome { return .ended(outcome) }
        return state.lost.map { .lost($0) }
      }
      switch turn {
      case .ended(let outcome):
        state.withLock { $0.connection }?.close(within: .seconds(1))
        return outcome
      case .lost(let reason): comeBack(reason)
      case nil: continue
      }
    }
  }

  // MARK: a connection, on the reactor's thread

  private func follow(_ connection: any Connection, _ message: Frame) {
    state.change {
      $0.connection = connection
      $0.lost = nil
    }
    connection.start { [self] event in
      switch event {
      case .frames(let frames): for frame in frames { receive(frame, on: connection) }
      case .closed(let reason):
        state.change {
          $0.connection = nil
          $0.lost = "\(reason)"
          if !$0.isReturning { $0.seen = .now }
        }
      }
    }
    connection.send(message)
  }

  private func receive(_ frame: Frame, on connection: any Connection) {
    switch try? ClientReply(frame) {
    case .event(let event): take(event)
    case .kept(let id):
      state.change {
        $0.id = id
        $0.isKept = true
      }
    case .refused(let reason):
      end(.failed("the driver is back, but \(reason): the job is lost; submit it again"))
    case .answer, nil:
      end(.failed("the driver's answer is malformed"))
      connection.abort()
    }
  }

  private func take(_ event: JobEvent) {
    switch event {
    case .accepted(let id):
      let isBack = state.change { state in
        state.id = id
        defer { state.isReturning = false }
        return state.isReturning
      }
      if isBack {
        onEvent(.status(""))
        onEvent(.notice("the driver is back; following job \(id) again"))
      }
    case .stepFinished(let index, _, _):
      guard state.withLock({ $0.stepsDone.insert(index).inserted }) else { return }
    case .finished(let outcome): return end(outcome)
    case .stepStarted, .progress, .status, .notice: break
    }
    onEvent(event)
  }

  private func end(_ outcome: JobOutcome) {
    let isFirst = state.withLock { $0.outcome == nil }
    guard isFirst else { return }
    onEvent(.finished(outcome))
    state.change { $0.outcome = outcome }
  }

  // MARK: without a connection, on the waiting thread

  /// Follows the job again, or ends it. The old connection's handler has finished.
  private func comeBack(_ reason: String) {
    let (id, isKept, wasReturning) = state.withLock { state in
      defer { state.isReturning = true }
      return (state.id, state.isKept, state.isReturning)
    }
    guard let id else { return end(.failed("the driver was lost (\(reason)) before it accepted the job")) }
    guard isKept else {
      return end(
        .failed(
          "the driver was lost (\(reason)) with job \(id), as it runs without --state; submit the job again"
        ))
    }
    let look = "swift-submit status --master swiftlet://\(endpoint) \(id)"
    let seconds = Int(rejoin / .seconds(1))
    guard seconds > 0 else {
      return end(.failed("the driver was lost (\(reason)); for the state of job \(id): \(look)"))
    }
    if !wasReturning {
      onEvent(.notice("the driver was lost (\(reason)); reconnecting for \(seconds) s"))
      onEvent(.status("the driver was lost; reconnecting"))
    }
    switch search(id) {
    case .success(nil): return
    case .success(let outcome?): end(outcome)
    case .failure(let last):
      end(
        .failed(
          "the driver was lost (\(reason)) and not back within \(seconds) s (\(last)); job \(id) resumes when a driver "
            + "with the same --state starts, and is cancelled there if no client reconnects: \(look)"
        ))
    }
  }

  /// - Returns: nil once reconnected; the job's outcome if reconnecting makes no sense; the last
  ///   reason where the time is over.
  private func search(_ id: JobID) -> Result<JobOutcome?, JobRefusal> {
    let deadline = state.withLock { $0.seen } + rejoin
    while true {
      // When it is back, the driver cancels a job that no client waits for.
      if state.wait(RemoteJob.pause, until: { $0.isCancelled ? true : nil }) != nil {
        return .success(.cancelled)
      }
      do {
        let connection = try open()
        follow(connection, try ClientMessage.attach(id).frame)
        return .success(nil)
      } catch {
        guard ContinuousClock.now < deadline else {
          return .failure(JobRefusal(description: "\(error)"))
        }
      }
    }
  }
}
