import Basics
import Jobs
import Telemetry
import Transport
import Wire

/// A job of this client on a driver. While its driver is there, events come as they happen; a driver that keeps its jobs
/// (`--state`) is looked for when it is gone, and the job followed again by its id.
///
/// Handlers only note what has come; looking for the driver is done by the thread in ``wait()``.
final class RemoteJob: JobHandle {
  private struct State: Sendable {
    var connection: (any Connection)?
    /// Why the connection ended, until there is another.
    var lost: String?
    /// When the driver was last there.
    var seen = ContinuousClock.now
    var id: JobID?
    /// The driver writes the job down: it is worth looking for.
    var isKept = false
    var isCancelled = false
    /// It was lost, and nothing has come since.
    var isReturning = false
    /// Steps that were told as done: they are told again to a client that comes back.
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
  ///   - rejoin: How long to look for a driver that is gone.
  ///   - open: A new connection to the driver; blocks for some seconds at most.
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
    // Every wait ends: keepalive and the driver's own end close the connection.
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
      end(.failed("the driver is back, and \(reason): the job is lost; submit it again"))
    case .answer, nil:
      end(.failed("the driver's answer is none"))
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
        onEvent(.notice("the driver is back: follows job \(id) again"))
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

  // MARK: without a connection, on the thread that waits

  /// Follows the job again, or ends it. The handler of the old connection is through.
  private func comeBack(_ reason: String) {
    let (id, isKept, wasReturning) = state.withLock { state in
      defer { state.isReturning = true }
      return (state.id, state.isKept, state.isReturning)
    }
    guard let id else { return end(.failed("the driver is gone (\(reason)) before it took the job")) }
    guard isKept else {
      return end(
        .failed(
          "the driver is gone (\(reason)), and job \(id) with it: it keeps no jobs (--state); submit it again"
        ))
    }
    let look = "swift-submit status --master swiftlet://\(endpoint) \(id)"
    let seconds = Int(rejoin / .seconds(1))
    guard seconds > 0 else {
      return end(.failed("the driver is gone (\(reason)); what becomes of job \(id): \(look)"))
    }
    if !wasReturning {
      onEvent(.notice("the driver is gone (\(reason)): looks for it for \(seconds) s"))
      onEvent(.status("the driver is gone; looks for it"))
    }
    switch search(id) {
    case .success(nil): return
    case .success(let outcome?): end(outcome)
    case .failure(let last):
      end(
        .failed(
          "the driver is gone (\(reason)) and was not back within \(seconds) s (\(last)); job \(id) goes on when a driver "
            + "with the same --state is started, and is given up there if no client comes back to it: \(look)"
        ))
    }
  }

  /// - Returns: nil once there is a connection that follows the job; its end where there is nothing to look for any more; the last
  ///   reason where the time is over.
  private func search(_ id: JobID) -> Result<JobOutcome?, JobRefusal> {
    let deadline = state.withLock { $0.seen } + rejoin
    while true {
      // A driver that nobody waits for any more cancels the job when it is back.
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
