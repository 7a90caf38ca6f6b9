// Spin lock versions of the slow paths of Synchronization.Mutex, for Thread Sanitizer builds. The originals hand a contended lock to the
// kernel (FUTEX_LOCK_PI), which Thread Sanitizer does not see, so it would report false races. The lock word is 0 or the thread id.
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) _Atomic uint32_t *word

SWIFT void lock(uint32_t thread, SELF) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
SWIFT void unlock(SELF) __asm__("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
SWIFT bool try_lock(SELF) __asm__("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");

SWIFT void lock(uint32_t thread, SELF) {
  uint32_t none = 0;
  while (!atomic_compare_exchange_weak_explicit(word, &none, thread, memory_order_acquire, memory_order_relaxed)) {
    none = 0;
    sched_yield();
  }
}

SWIFT void unlock(SELF) { atomic_store_explicit(word, 0, memory_order_release); }

// Called after the fast path failed.
SWIFT bool try_lock(SELF) { return (void)word, false; }
