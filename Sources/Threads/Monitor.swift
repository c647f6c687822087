import Glibc

/// A value that threads share under one lock, with a condition to wait for a change of it.
///
/// ```swift
/// let queue = Monitor([Int]())
/// queue.update { $0.append(1) }                       // wakes every waiter
/// let first = queue.wait(until: { !$0.isEmpty }) { $0.removeFirst() }
/// ```
///
/// For work that a thread may have to wait for. Plain mutual exclusion without waiting is
/// `Synchronization.Mutex`.
package final class Monitor<Value>: @unchecked Sendable {
  // `value` is touched only while `mutex` is held.
  private var value: Value
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  package init(_ value: sending Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    // Deadlines do not move when someone sets the clock.
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

  /// Reads the value under the lock, and wakes no one.
  package func read<Result>(_ body: (Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(value)
  }

  /// Changes the value under the lock and wakes all waiters, whose conditions are then asked anew.
  @discardableResult
  package func update<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }
    return try body(&value)
  }

  /// Waits until `ready` holds, and not longer than `duration`; whether it holds.
  package func wait(upTo duration: Duration, until ready: (Value) -> Bool) -> Bool {
    var deadline = timespec()
    clock_gettime(CLOCK_MONOTONIC, &deadline)
    let nanoseconds = deadline.tv_nsec + Int(duration / .nanoseconds(1))
    deadline.tv_sec += nanoseconds / 1_000_000_000
    deadline.tv_nsec = nanoseconds % 1_000_000_000
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !ready(value) {
      if pthread_cond_timedwait(condition, mutex, &deadline) != 0 {
        return ready(value)
      }
    }
    return true
  }

  /// Waits until `ready` holds, then changes the value in the same locked stretch and wakes all
  /// waiters.
  ///
  /// - Parameter waking: false for a change that no waiter can be waiting for, which spares each of
  ///   them a look in vain.
  @discardableResult
  package func wait<Result>(
    until ready: (Value) -> Bool, waking: Bool = true, then body: (inout Value) throws -> Result
  ) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer {
      if waking { pthread_cond_broadcast(condition) }
      pthread_mutex_unlock(mutex)
    }
    // A wake-up may be spurious, or another waiter may have been first: hence the loop.
    while !ready(value) { pthread_cond_wait(condition, mutex) }
    return try body(&value)
  }
}
