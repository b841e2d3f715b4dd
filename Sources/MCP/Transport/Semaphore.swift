import Glibc

/// A counting semaphore for threads of our own; tasks must never wait on it.
final class Semaphore: @unchecked Sendable {
    // Only passed to sem_* functions, which are safe from any thread; freed when nobody holds the object.
    private let storage: UnsafeMutablePointer<sem_t>

    init(_ value: Int) {
        storage = .allocate(capacity: 1)
        storage.initialize(to: sem_t())
        sem_init(storage, 0, UInt32(value))
    }

    deinit {
        sem_destroy(storage)
        storage.deallocate()
    }

    func wait() {
        while sem_wait(storage) != 0 {}
    }

    /// False where nobody signalled for about `seconds`.
    func wait(seconds: Int) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += seconds
        while sem_timedwait(storage, &deadline) != 0 {
            if errno == ETIMEDOUT { return false }
        }
        return true
    }

    func signal() {
        sem_post(storage)
    }
}
