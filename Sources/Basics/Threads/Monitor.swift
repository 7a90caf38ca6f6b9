import Glibc

/// A lock around a state that threads can wait on, which `Mutex` of Synchronization lacks.
// @unchecked Sendable: the state is accessed under the lock only and is itself Sendable; the two pointers never change.
public final class Monitor<State: Sendable>: @unchecked Sendable {
  @usableFromInline let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  @usableFromInline let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  @usableFromInline var state: State

  @inlinable public init(_ state: State) {
    self.state = state
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  @inlinable public func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state)
  }

  /// Changes the state and wakes every thread in ``wait(for:until:)``.
  @inlinable public func change<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
    pthread_mutex_lock(mutex)
    defer {
      pthread_mutex_unlock(mutex)
      // After unlocking, because a woken thread takes the lock at once.
      pthread_cond_broadcast(condition)
    }
    return try body(&state)
  }

  /// Waits until `ready` returns a value or `timeout` has passed.
  @inlinable public func wait<R>(_ timeout: Duration, until ready: (inout State) -> R?) -> R? {
    let deadline = Deadline(after: timeout)
    var time = deadline.timespec
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let value = ready(&state) { return value }
      // The clock decides, not the return code: a wake-up at the deadline checks once more.
      if Deadline.now >= deadline { return nil }
      pthread_cond_timedwait(condition, mutex, &time)
    }
  }
}
