import Synchronization

/// Time that passes when the test says so.
final class TestTime: Sendable {
    private let state = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { state.withLock { $0 } }

    func advance(by duration: Duration) { state.withLock { $0 += duration } }
}
