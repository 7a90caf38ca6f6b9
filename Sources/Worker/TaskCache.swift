import Basics
import Engine
import Synchronization
import Transport
import Wire

/// Values cached by tasks on a worker, by job and key, within its share of memory. Two tasks that ask for the same key at the
/// same time create it once.
///
/// After the last attempt that uses it, a value stays if there is room. Values of other jobs are evicted for it,
/// least recently used first, but not values of the same job: its tasks cycle in the same order and would
/// always evict what they need next. Without room a value is trimmed before it is dropped. Values in use count as memory of their tasks.
package final class TaskCache: Sendable {
  package struct Key: Hashable, Sendable {
    package let job: JobID
    package let name: String

    package init(job: JobID, name: String) {
      self.job = job
      self.name = name
    }
  }

  private enum Entry: Sendable {
    case making
    case ready(Ready)
  }

  /// A value is in use until its lease is released.
  package struct Lease: Hashable, Sendable {
    let key: Key
    fileprivate let id: Int
  }

  private struct Ready: Sendable {
    let id: Int
    let value: any Sendable
    let declaredBytes: Int
    /// Attempts that use the value.
    var users = 0
    /// Bytes of the pool that it holds; nil until room is reserved.
    var kept: Int?
    /// When it was last used, on the cache's own clock.
    var lastUse = 0

    var bytes: Int { (value as? any CachedValue)?.cachedBytes ?? declaredBytes }
  }

  private struct State: Sendable {
    var entries: [Key: Entry] = [:]
    var clock = 0
  }

  private let pool: MemoryPool
  private let state = Monitor(State())

  package init(_ pool: MemoryPool) { self.pool = pool }

  /// Returns the value of a key. The attempt releases the lease when it ends.
  /// - Throws: What `make` throws, or `.transient` if another task needs more than ten minutes to create it.
  package func value<Value: Sendable>(
    _ key: Key, _ make: () throws -> (value: Value, bytes: Int)
  ) throws -> (value: Value, lease: Lease) {
    let found = state.wait(.seconds(600)) { state -> Entry? in
      switch state.entries[key] {
      case .ready(var ready):
        guard ready.value is Value else { return .ready(ready) }
        ready.users += 1
        state.entries[key] = .ready(ready)
        return .ready(ready)
      case .making: return nil
      case nil:
        state.entries[key] = .making
        return .making
      }
    }
    switch found {
    case .ready(let ready)?:
      guard let value = ready.value as? Value else {
        throw TaskFailure.fatal("the cache holds another type under '\(key.name)'")
      }
      return (value, Lease(key: key, id: ready.id))
    case nil: throw TaskFailure.transient("waited too long for another task to read '\(key.name)'")
    case .making?:
      do {
        let (value, bytes) = try make()
        let id = state.change { state in
          state.clock += 1
          // Dropped in the meantime, so nobody else gets it.
          guard case .making? = state.entries[key] else { return state.clock }
          state.entries[key] = .ready(Ready(id: state.clock, value: value, declaredBytes: bytes, users: 1))
          return state.clock
        }
        return (value, Lease(key: key, id: id))
      } catch {
        state.change { if case .making? = $0.entries[key] { $0.entries[key] = nil } }
        throw error
      }
    }
  }

  /// Ends an attempt's use of a value. After the last one it stays if there is room.
  /// - Returns: Whether it is in the cache now.
  @discardableResult
  package func release(_ lease: Lease) -> Bool {
    state.withLock { state in
      let key = lease.key
      guard case .ready(var ready)? = state.entries[key], ready.id == lease.id else { return false }
      ready.users -= 1
      state.clock += 1
      ready.lastUse = state.clock
      guard ready.users <= 0 else {
        state.entries[key] = .ready(ready)
        return true
      }
      pool.release(ready.kept ?? 0)
      ready.kept = keep(ready, of: key.job, in: &state)
      state.entries[key] = ready.kept == nil ? nil : .ready(ready)
      return ready.kept != nil
    }
  }

  /// Reserves room for an unused value: for all of it, or for its essential part.
  /// - Returns: The bytes reserved, or nil if there are not enough.
  private func keep(_ ready: Ready, of job: JobID, in state: inout State) -> Int? {
    let bytes = ready.bytes
    if pool.reserve(bytes) { return bytes }
    evict(bytes, from: &state) { $0.job != job }
    if pool.reserve(bytes) { return bytes }
    (ready.value as? any CachedValue)?.trim()
    let rest = ready.bytes
    return pool.reserve(rest) ? rest : nil
  }

  /// Evicts unused values for shuffle blocks that need the memory.
  package func makeRoom(_ bytes: Int) { state.withLock { evict(bytes, from: &$0) { _ in true } } }

  private func evict(_ bytes: Int, from state: inout State, where mayGo: (Key) -> Bool) {
    var idle: [(key: Key, lastUse: Int, bytes: Int)] = []
    for (key, entry) in state.entries {
      if case .ready(let ready) = entry, ready.users <= 0, let kept = ready.kept, mayGo(key) {
        idle.append((key, ready.lastUse, kept))
      }
    }
    // Times are unique.
    idle.sort { $0.lastUse < $1.lastUse }
    var next = 0
    while pool.limit - pool.used < bytes, next < idle.count {
      state.entries[idle[next].key] = nil
      pool.release(idle[next].bytes)
      next += 1
    }
  }

  package func contains(_ key: Key) -> Bool {
    state.withLock { if case .ready? = $0.entries[key] { true } else { false } }
  }

  package func drop(_ job: JobID, prefix: String) {
    drop { $0.job == job && $0.name.hasPrefix(prefix) }
  }

  package func dropAll() { drop { _ in true } }

  private func drop(where isDropped: (Key) -> Bool) {
    state.change { state in
      for (key, entry) in state.entries where isDropped(key) {
        if case .ready(let ready) = entry { pool.release(ready.kept ?? 0) }
        state.entries[key] = nil
      }
    }
  }
}
