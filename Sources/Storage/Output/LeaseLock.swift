import Foundation
import Synchronization

/// At most one run writes an output in an object store. Every run puts a lock object under a name of its own and then lists the locks:
/// whoever sees only its own has the lock. Stores list what was put before, so no two runs do. The holder renews its lock every few
/// seconds; a lock that is not renewed belongs to a dead process. A holder that was suspended and lost its lock is caught by the
/// conditional write of the manifest, where the store has those.
final class LeaseLock: Sendable {
  /// Seconds without renewal after which a lock counts as abandoned. All runs of an output must have the same.
  private let lease: Double
  private let store: any ObjectStore
  /// The URI of the output folder, with a slash.
  private let folder: String
  private let uri: String
  private let holder: LockBody
  private let released = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  /// When the last successful renewal began; nil once it is too late for another.
  private let lastRenewal: Mutex<ContinuousClock.Instant?>

  /// Blocks for some seconds if the lock is not free.
  /// - Parameter waits: Called with a message in that case.
  /// - Throws: `StorageError.invalid` if a living run has it.
  init(_ folder: String, in store: any ObjectStore, run: String, waits: (String) -> Void) throws {
    self.folder = folder
    self.store = store
    lease = store.lockSeconds
    uri = folder + LeaseLock.prefix + FileTag.random()
    holder = LockBody(run: run, process: Int(getpid()), host: ProcessInfo.processInfo.hostName)
    lastRenewal = Mutex(.now)
    try acquire(told: waits)
    // Lives until the lock is released.
    let thread = Thread { [self] in renew() }
    thread.name = "lease-lock"
    thread.start()
  }

  private static let prefix = "_lock."

  private func renew() {
    var count = 0
    while released.wait(timeout: .now() + lease / 8) == .timedOut {
      // Too late: another run may have the lock by now, and a renewal would bring back what that run removed.
      guard let last = lastRenewal.withLock({ $0 }), LeaseLock.seconds(since: last) < lease * 3 / 4 else {
        lastRenewal.withLock { $0 = nil }
        continue
      }
      count += 1
      let start = ContinuousClock.now
      if (try? put(.renewal(count))) != nil { lastRenewal.withLock { $0 = start } }
    }
    try? store.delete([uri])
    ended.signal()
  }

  /// - Throws: `StorageError.transient` if another run may have taken over, because this one was suspended or the store out of reach.
  func check() throws {
    let age = lastRenewal.withLock { $0 }.map(LeaseLock.seconds) ?? .infinity
    guard age < lease * 3 / 4, try locks().own != nil else {
      throw StorageError.transient(
        location: folder,
        message: "the lock on the output was lost because it could not be renewed in time; run the job again")
    }
  }

  /// Waits until the lock object is removed, up to a minute. Once.
  func release() {
    released.signal()
    _ = ended.wait(timeout: .now() + 60)
  }

  /// What was seen of another lock, and since when it has not changed.
  private struct Observation {
    let version: String
    let since: ContinuousClock.Instant
  }

  private func acquire(told: (String) -> Void) throws {
    var seen: [ObjectName: Observation] = [:]
    let start = ContinuousClock.now
    var tries = 0
    while true {
      tries += 1
      let waits = tries > 1 ? try mustWait(&seen) : false
      if !waits, try tryOnce(tries, &seen) { return }
      guard LeaseLock.seconds(since: start) < 2 * lease + 30 else {
        throw StorageError.invalid(
          location: folder, message: "other runs are waiting to write it too; try again later")
      }
      if tries == 1 { told("waiting up to \(Int(lease)) s for the lock of another run on \(folder)") }
      // Random, so that runs that collide do not collide again.
      Thread.sleep(forTimeInterval: .random(in: 0.3...1.3))
    }
  }

  /// Whether a lock has changed, or not long enough been unchanged.
  private func mustWait(_ seen: inout [ObjectName: Observation]) throws -> Bool {
    let others = try locks().others
    let names = Set(others.map(\.name))
    seen = seen.filter { names.contains($0.key) }
    var waits = false
    for other in others {
      if let known = seen[other.name], known.version == other.version {
        if LeaseLock.seconds(since: known.since) < lease { waits = true }
      } else {
        // A lock that changes belongs to a living run: the holder, or another that waits.
        if seen[other.name] != nil { try expectNoHolder(other) }
        seen[other.name] = Observation(version: other.version, since: .now)
        waits = true
      }
    }
    return waits
  }

  /// Puts the lock and checks for other locks.
  /// - Returns: Whether this run has the lock now.
  private func tryOnce(_ number: Int, _ seen: inout [ObjectName: Observation]) throws -> Bool {
    // Never the same bytes twice: others must see a change.
    try put(.attempt(number))
    let (own, others) = try locks()
    let living = others.filter { other in
      let isAbandoned = seen[other.name].map {
        $0.version == other.version && LeaseLock.seconds(since: $0.since) >= lease
      }
      return isAbandoned != true && !isOld(other, beside: own)
    }
    if living.isEmpty, own != nil {
      try store.delete(others.map(\.uri))
      lastRenewal.withLock { $0 = .now }
      return true
    }
    try store.delete([uri])
    for other in living where seen[other.name]?.version != other.version {
      seen[other.name] = Observation(version: other.version, since: .now)
    }
    return false
  }

  private func locks() throws -> (own: ObjectInfo?, others: [ObjectInfo]) {
    let all = try store.scan(prefix: folder + LeaseLock.prefix)
    return (all.first { $0.uri == uri }, all.filter { $0.uri != uri })
  }

  /// Throws if the lock, which has changed, belongs to the holder: only the holder renews.
  private func expectNoHolder(_ other: ObjectInfo) throws {
    guard let found = try store.contents(other.uri, limit: 1 << 16) else { return }
    // A lock that this version cannot read may be the holder's.
    let body = LockBody(json: found.bytes)
    if let body, !body.isHeld { return }
    throw StorageError.invalid(
      location: folder,
      message: "another run is writing it (\(body?.description ?? "unknown")); wait until it ends")
  }

  private func put(_ state: LockBody.State) throws {
    var body = holder
    body.state = state
    guard case .done = try store.put(uri, body.encoded, if: .none) else {
      throw StorageError.invalid(location: folder, message: "cannot be locked: the store refuses to write")
    }
  }

  /// By the store's own clock: whether a lock is older than the lease, compared with ours, which was put just now.
  private func isOld(_ other: ObjectInfo, beside own: ObjectInfo?) -> Bool {
    guard let now = CredentialHTTP.date(own?.modified), let then = CredentialHTTP.date(other.modified) else {
      return false
    }
    return now.timeIntervalSince(then) > lease + 2
  }

  private static func seconds(since instant: ContinuousClock.Instant) -> Double {
    instant.duration(to: .now) / .seconds(1)
  }
}
