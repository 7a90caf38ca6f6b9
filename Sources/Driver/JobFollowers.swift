import Jobs
import Wire

/// Receives a job's events until its end or until it leaves. Called from any thread; must not block.
package final class JobListener: Sendable {
  package let hear: @Sendable (JobEvent) -> Void

  package init(_ hear: @escaping @Sendable (JobEvent) -> Void) { self.hear = hear }
}

/// Who follows which job, and which jobs wait for disconnected clients. Pure: the time is passed in.
package struct JobFollowers: Sendable {
  private var listeners: [JobID: [JobListener]] = [:]
  private var awaited: [JobID: ContinuousClock.Instant] = [:]

  package subscript(id: JobID) -> [JobListener] { listeners[id] ?? [] }

  package mutating func add(_ listener: JobListener, to id: JobID) {
    listeners[id, default: []].append(listener)
    awaited[id] = nil
  }

  /// - Returns: Whether the job has no followers left.
  package mutating func remove(_ listener: JobListener, from id: JobID) -> Bool {
    listeners[id]?.removeAll { $0 === listener }
    guard self[id].isEmpty else { return false }
    listeners[id] = nil
    return true
  }

  package mutating func await(_ id: JobID, until end: ContinuousClock.Instant) { awaited[id] = end }

  /// The job has ended or never existed.
  package mutating func forget(_ id: JobID) {
    listeners[id] = nil
    awaited[id] = nil
  }

  /// Jobs whose clients did not reconnect in time, each returned once.
  package mutating func abandoned(at now: ContinuousClock.Instant) -> [JobID] {
    guard !awaited.isEmpty else { return [] }
    let ids = awaited.filter { $0.value <= now }.keys.sorted { $0.name < $1.name }
    for id in ids { awaited[id] = nil }
    return ids
  }
}
