import Synchronization
import Transport
import Wire

/// What tasks have cached on a worker, by job and key. Two tasks that want the same key at the same time make it once.
final class TaskCache: Sendable {
  struct Key: Hashable, Sendable {
    let job: JobID
    let name: String
  }

  private enum Entry: Sendable {
    case making
    case ready(any Sendable, bytes: Int)
  }

  private let entries = Monitor<[Key: Entry]>([:])

  /// - Throws: what `make` throws; or `.transient` when another task takes longer than ten minutes to make it.
  func value<Value: Sendable>(_ key: Key, _ make: () throws -> (value: Value, bytes: Int)) throws -> Value {
    let found = entries.wait(.seconds(600)) { entries -> Entry? in
      switch entries[key] {
      case .ready(let value, let bytes): return .ready(value, bytes: bytes)
      case .making: return nil
      case nil:
        entries[key] = .making
        return .making
      }
    }
    switch found {
    case .ready(let value as Value, _)?: return value
    case .ready?: throw TaskFailure.fatal("the cache holds another type under '\(key.name)'")
    case nil: throw TaskFailure.transient("waited too long for another task to read '\(key.name)'")
    case .making?:
      do {
        let (value, bytes) = try make()
        entries.change { if case .making? = $0[key] { $0[key] = .ready(value, bytes: bytes) } }
        return value
      } catch {
        entries.change { if case .making? = $0[key] { $0[key] = nil } }
        throw error
      }
    }
  }

  func contains(_ key: Key) -> Bool {
    entries.withLock { if case .ready? = $0[key] { true } else { false } }
  }

  func drop(_ job: JobID, prefix: String) {
    entries.change { $0 = $0.filter { $0.key.job != job || !$0.key.name.hasPrefix(prefix) } }
  }

  func dropAll() { entries.change { $0.removeAll() } }
}
