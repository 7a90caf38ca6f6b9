import Engine
import Wire

/// One who hears of a job until its end, or until going away; told from any thread, and must not block.
final class JobListener: Sendable {
  let hear: @Sendable (JobEvent) -> Void

  init(_ hear: @escaping @Sendable (JobEvent) -> Void) { self.hear = hear }
}

/// Who follows which job, and which jobs wait for clients that are away. Pure: instants are handed in.
struct JobFollowers: Sendable {
  private var listeners: [JobID: [JobListener]] = [:]
  private var awaited: [JobID: ContinuousClock.Instant] = [:]

  subscript(id: JobID) -> [JobListener] { listeners[id] ?? [] }

  mutating func add(_ listener: JobListener, to id: JobID) {
    listeners[id, default: []].append(listener)
    awaited[id] = nil
  }

  /// - Returns: Whether nobody follows the job now.
  mutating func remove(_ listener: JobListener, from id: JobID) -> Bool {
    listeners[id]?.removeAll { $0 === listener }
    guard self[id].isEmpty else { return false }
    listeners[id] = nil
    return true
  }

  mutating func await(_ id: JobID, until end: ContinuousClock.Instant) { awaited[id] = end }

  /// The job has ended, or never was.
  mutating func forget(_ id: JobID) {
    listeners[id] = nil
    awaited[id] = nil
  }

  /// Jobs whose clients did not come back in time, each once.
  mutating func abandoned(at now: ContinuousClock.Instant) -> [JobID] {
    guard !awaited.isEmpty else { return [] }
    let ids = awaited.filter { $0.value <= now }.keys.sorted { $0.name < $1.name }
    for id in ids { awaited[id] = nil }
    return ids
  }
}
