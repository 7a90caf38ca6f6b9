import Basics
import Engine
import Telemetry
import Transport
import Wire

/// An event for a driver: frames from workers, lost workers, requests from jobs.
enum DriverEvent: Sendable {
  case workerConnected(WorkerID, any Connection)
  case workerFrames(WorkerID, [Frame])
  case workerClosed(WorkerID, WorkerDeparture)
  case submit(JobID, StageGraph, GraphWaiter)
  case scheduler(SchedulerEvent)
}

/// A job's thread waits here for its graph.
typealias GraphWaiter = Monitor<Result<[TaskResult], JobFailure>?>

/// The scheduler and what its actions need. Used by the driver's event thread, which holds the lock.
struct DriverState: Sendable {
  var scheduler: Scheduler
  /// A driver that was suspended must not count its workers as silent: one turn of its thread counts as at most this long.
  var clock = AwakeClock(longestTurn: .seconds(1))
  var connections: [WorkerID: any Connection] = [:]
  var waiters: [JobID: GraphWaiter] = [:]
  /// For observers.
  var tap = EventTap()
  var lastLook: Duration = .zero
  /// When workers were last checked for bytes of incomplete messages, and how many each had sent.
  private var lastListened: Duration = .zero
  private var received: [WorkerID: Int] = [:]
  /// Workers that have sent their first message.
  private var joined: Set<WorkerID> = []
  private var isClosed = false

  init(config: SchedulerConfig) { scheduler = Scheduler(config: config) }

  /// What connections tell besides messages: which workers are sending, and what still waits for those with full queues.
  mutating func queueEvents(now: Duration) -> [SchedulerEvent] {
    var events: [SchedulerEvent] = []
    for worker in scheduler.workersWithFullQueues {
      if let connection = connections[worker] {
        events.append(.unsent(worker, bytes: connection.pendingBytes))
      }
    }
    guard now - lastListened >= .milliseconds(500) else { return events }
    lastListened = now
    for (worker, connection) in connections {
      let bytes = connection.receivedBytes
      if let before = received.updateValue(bytes, forKey: worker), bytes > before {
        events.append(.heard(worker))
      }
    }
    return events
  }

  /// Decodes frames and tracks connections; the rest goes to the scheduler.
  mutating func translate(_ event: DriverEvent) -> [SchedulerEvent] {
    switch event {
    case .workerConnected(let worker, let connection):
      guard !isClosed else {
        connection.close(within: .seconds(1))
        return []
      }
      connections[worker] = connection
      return []
    case .workerFrames(let worker, let frames): return translate(frames, from: worker)
    case .workerClosed(let worker, let departure):
      _ = disconnect(worker)
      return [.workerLost(worker, departure)]
    case .submit(let job, let graph, let waiter):
      guard waiters[job] == nil else {
        waiter.change { $0 = .failure(.failed("job \(job) already runs a graph")) }
        return []
      }
      waiters[job] = waiter
      return [.submit(job, graph)]
    case .scheduler(let event): return [event]
    }
  }

  private mutating func translate(_ frames: [Frame], from worker: WorkerID) -> [SchedulerEvent] {
    guard let connection = connections[worker] else { return [] }
    defer { connection.release(frames.encodedSize) }
    var events: [SchedulerEvent] = []
    for frame in frames {
      let message: WorkerMessage
      do { message = try WorkerMessage(frame) } catch {
        // A peer that violates the protocol is dropped; its attempts are rescheduled.
        connection.abort()
        _ = disconnect(worker)
        return events + [.workerLost(worker, .protocolViolation("\(error)"))]
      }
      if case .register(let info) = message, joined.insert(worker).inserted {
        events.append(.workerJoined(worker, info))
      } else {
        events.append(.message(worker, message))
      }
    }
    return events
  }

  /// - Returns: The connections to close. New ones are closed at once from now on.
  mutating func close() -> [any Connection] {
    isClosed = true
    return Array(connections.values)
  }

  mutating func disconnect(_ worker: WorkerID) -> (any Connection)? {
    joined.remove(worker)
    received[worker] = nil
    return connections.removeValue(forKey: worker)
  }
}
