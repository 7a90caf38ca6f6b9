import Foundation
import Synchronization

/// At most one run writes an output on S3. Every run puts a lock of a name of its own and then looks at the list: whoever
/// sees itself alone has it. As S3 lists what was put before, no two do. The holder renews its lock every few seconds;
/// one that is not renewed is of a process that died. A holder that was stopped and lost its lock is caught by the conditional
/// write of the manifest, where the server has those.
final class S3Lock: Sendable {
  /// Seconds without renewal after which a lock counts as left behind. All runs of an output must have the same.
  private let lease: Double
  private let place: S3OutputPlace
  private let name: String
  private let holder: String
  private let released = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  /// When the last renewal that worked began; nil once it is too late for another.
  private let lastRenewal: Mutex<ContinuousClock.Instant?>

  /// Blocks for some seconds where it cannot be had at once.
  /// - Parameter waits: Told when that is so.
  /// - Throws: `StorageError.invalid` where a living run has it.
  init(_ place: S3OutputPlace, run: String, waits: (String) -> Void) throws(StorageError) {
    self.place = place
    lease = place.bucket.client.configuration.lockSeconds
    name = S3OutputPlace.lockPrefix + StagingArea.tag(fingerprint: nil)
    holder = "run \(run), process \(getpid()) on \(ProcessInfo.processInfo.hostName)"
    lastRenewal = Mutex(.now)
    try acquire(told: waits)
    // Lives until the lock is released.
    let thread = Thread { [self] in renew() }
    thread.name = "s3-lock"
    thread.start()
  }

  private func renew() {
    var count = 0
    while released.wait(timeout: .now() + lease / 8) == .timedOut {
      // Too late: another run may have it by now, and a renewal would bring back what that one has removed.
      guard let last = lastRenewal.withLock({ $0 }), S3Lock.seconds(last) < lease * 3 / 4 else {
        lastRenewal.withLock { $0 = nil }
        continue
      }
      count += 1
      let start = ContinuousClock.now
      if (try? S3Lock.put(place, name, "\(holder), renewal \(count)")) != nil {
        lastRenewal.withLock { $0 = start }
      }
    }
    try? place.bucket.delete([place.key(name)])
    ended.signal()
  }

  /// Throws where another run may have taken over: this one was stopped for too long, or the server out of reach.
  func check() throws(StorageError) {
    let age = lastRenewal.withLock { $0 }.map(S3Lock.seconds) ?? .infinity
    let locks = try place.bucket.list(prefix: place.key(S3OutputPlace.lockPrefix))
    guard age < lease * 3 / 4, locks.contains(where: { $0.key == place.key(name) }) else {
      throw .transient(
        place: place.bucket.uri(place.prefix),
        message: "the lock on the output was lost: it could not be renewed in time; run the job again")
    }
  }

  /// Waits until the lock is gone, for a while. Once.
  func release() {
    released.signal()
    _ = ended.wait(timeout: .now() + 60)
  }

  private func acquire(told: (String) -> Void) throws(StorageError) {
    // What was seen of other locks, and since when it has not changed.
    var seen: [String: (eTag: String, since: ContinuousClock.Instant)] = [:]
    let start = ContinuousClock.now
    var tries = 0
    while true {
      var waits = false
      tries += 1
      if tries > 1 {
        let others = try others()
        seen = seen.filter { known in others.contains { $0.key == known.key } }
        for other in others {
          if let known = seen[other.key], known.eTag == other.eTag {
            if S3Lock.seconds(known.since) < lease { waits = true }
          } else {
            // One that has changed is of a living run: of the holder, or of another that waits.
            if seen[other.key] != nil { try expectNoHolder(other) }
            seen[other.key] = (other.eTag, .now)
            waits = true
          }
        }
      }
      if !waits {
        // Never the same bytes twice: who watches must see a change.
        try S3Lock.put(place, name, "\(holder), try \(tries)")
        var found = try place.bucket.list(prefix: place.key(S3OutputPlace.lockPrefix))
        let own = found.firstIndex { $0.key == place.key(name) }.map { found.remove(at: $0) }
        let living = found.filter { other in
          let observed = seen[other.key].map { $0.eTag == other.eTag && S3Lock.seconds($0.since) >= lease }
          return observed != true && !isOld(other, beside: own)
        }
        if living.isEmpty, own != nil {
          try place.bucket.delete(found.map(\.key))
          lastRenewal.withLock { $0 = .now }
          return
        }
        try place.bucket.delete([place.key(name)])
        for other in living where seen[other.key]?.eTag != other.eTag { seen[other.key] = (other.eTag, .now) }
      }
      guard S3Lock.seconds(start) < 2 * lease + 30 else {
        throw .invalid(
          place: place.bucket.uri(place.prefix), message: "other runs want to write it too; try again later")
      }
      if tries == 1 {
        told(
          "waits for the lock of a run that is gone, or still at work, on \(place.bucket.uri(place.prefix)): up to \(Int(lease)) s"
        )
      }
      // Runs that met do not meet again.
      Thread.sleep(forTimeInterval: .random(in: 0.3...1.3))
    }
  }

  private func others() throws(StorageError) -> [S3Bucket.Entry] {
    try place.bucket.list(prefix: place.key(S3OutputPlace.lockPrefix)).filter { $0.key != place.key(name) }
  }

  /// Throws where the run of a lock that has changed is the holder: only that one renews.
  private func expectNoHolder(_ other: S3Bucket.Entry) throws(StorageError) {
    guard let found = try place.bucket.contents(other.key, limit: 1 << 16) else { return }
    let told = String(decoding: found.bytes, as: UTF8.self)
    guard told.contains(", renewal ") else { return }
    throw .invalid(
      place: place.bucket.uri(place.prefix), message: "another run is writing it (\(told)); wait for its end")
  }

  private static func put(_ place: S3OutputPlace, _ name: String, _ text: String) throws(StorageError) {
    guard case .done = try place.bucket.put(place.key(name), ByteBlock(text.utf8)) else {
      throw .invalid(place: place.bucket.uri(place.prefix), message: "cannot be locked")
    }
  }

  /// By the server's own clock: how much older a lock is than ours, which was put just now.
  private func isOld(_ other: S3Bucket.Entry, beside own: S3Bucket.Entry?) -> Bool {
    guard let own, let now = CredentialHTTP.date(own.modified), let then = CredentialHTTP.date(other.modified)
    else { return false }
    return now.timeIntervalSince(then) > lease + 2
  }

  private static func seconds(_ since: ContinuousClock.Instant) -> Double {
    since.duration(to: .now) / .seconds(1)
  }
}
