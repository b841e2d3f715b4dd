internal import Synchronization

/// Wakes one waiter; set while nobody waits, it wakes the next at once. Several sets before a wait count as one.
final class WakeSignal: Sendable {
    private struct State {
        var isSet = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func set() {
        let waiter = state.withLock { state in
            guard let waiter = state.waiter else {
                state.isSet = true
                return CheckedContinuation<Void, Never>?.none
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns when it is set, after `limit` (`nil`: no limit), or when the task is cancelled.
    func wait(atMost limit: Duration?, _ time: SlackTime) async {
        await withTaskGroup(of: Void.self) { group in
            if let limit {
                group.addTask {
                    do { try await time.sleep(limit) } catch { return }
                    self.set()
                }
            }
            await withTaskCancellationHandler {
                await wait()
            } onCancel: {
                set()
            }
            group.cancelAll()
        }
    }

    private func wait() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isSet = state.withLock { state in
                guard !state.isSet else {
                    state.isSet = false
                    return true
                }
                state.waiter = continuation
                return false
            }
            if isSet { continuation.resume() }
        }
    }
}
