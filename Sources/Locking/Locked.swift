import Glibc

/// A value that several threads and tasks share, behind a lock.
///
/// Stands in for `Mutex` of the standard library: on Linux its lock knows its owner by a thread-local, and optimised code of
/// an asynchronous function may read that before a suspension and use it after, on another thread. A release build then
/// stops with "Call to unlock Mutex on a thread which hasn't acquired the lock" (seen with Swift 6.3.1). A pthread mutex
/// keeps nothing of the kind in our code.
public final class Locked<Value>: @unchecked Sendable {
    // The mutex guards `value`; its memory lives as long as the box.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    public init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        let result = pthread_mutex_init(mutex, nil)
        precondition(result == 0, "pthread_mutex_init: \(result)")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// The value as it is at this moment.
    public var now: Value { withLock { $0 } }

    /// Runs `body` with the value while nobody else has it. `body` must not take the same lock again.
    public func withLock<Result, Failure>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
