import SlackAPI
import Synchronization

/// A clock that stands still until it is moved; sleepers wake when it passes them.
final class TestClock: Sendable {
    private struct State {
        var now = ContinuousClock.now
        var sleepers: [Int: (until: ContinuousClock.Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var next = 0
    }

    private let state = Mutex(State())
    var now: ContinuousClock.Instant { state.withLock { $0.now } }

    var clock: SlackClock {
        SlackClock(now: { self.now }, sleep: { try await self.sleep(until: $0) })
    }

    private func sleep(until: ContinuousClock.Instant) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let woken = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                    if Task.isCancelled || until <= state.now {
                        continuation.resume(with: Task.isCancelled ? .failure(CancellationError()) : .success(()))
                        return []
                    }
                    state.sleepers[id] = (until, continuation)
                    let ready = state.watchers.filter { $0.count <= state.sleepers.count }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= state.sleepers.count }
                    return ready
                }
                for watcher in woken { watcher.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id)?.continuation }?.resume(throwing: CancellationError())
        }
    }

    /// Returns when so many sleep.
    func sleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.until < $1.until }.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }
}
