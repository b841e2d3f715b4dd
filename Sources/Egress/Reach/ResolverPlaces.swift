internal import Model
internal import Synchronization

/// Places for lookups that block a thread each: so many in all, and so many of one session, so that who asks for names
/// that nobody answers leaves room for others. Who finds none waits, first come, first served.
final class ResolverPlaces: Sendable {
    private struct Waiter {
        let id: UInt64
        let session: SessionID
        let admitted: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var running: [SessionID: Int] = [:]
        var waiting: [Waiter] = []
        var lastWaiter: UInt64 = 0
        /// Cancelled before they came to wait.
        var gone: Set<UInt64> = []
    }

    private let maximum: Int
    private let ofOneSession: Int
    private let state = Mutex(State())

    init(maximum: Int, ofOneSession: Int) {
        self.maximum = maximum
        self.ofOneSession = ofOneSession
    }

    /// To be followed by `leave`. Throws where the task is cancelled meanwhile: then it holds no place.
    func enter(_ session: SessionID) async throws {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let verdict: Result<Void, any Error>? = state.withLock { state in
                    if state.gone.remove(id) != nil { return .failure(CancellationError()) }
                    // Who waits already came before; but of a session that has all it may, nobody holds up others.
                    if hasRoom(for: session, state) {
                        state.running[session, default: 0] += 1
                        return .success(())
                    }
                    state.waiting.append(Waiter(id: id, session: session, admitted: continuation))
                    return nil
                }
                if let verdict { continuation.resume(with: verdict) }
            }
        } onCancel: {
            cancel(id)
        }
        // Cancelled after it was admitted, or never having waited: nothing is left behind of it.
        _ = state.withLock { $0.gone.remove(id) }
    }

    /// How many wait for a place.
    var waiting: Int { state.withLock { $0.waiting.count } }

    func leave(_ session: SessionID) {
        let next: Waiter? = state.withLock { state in
            let left = state.running[session, default: 1] - 1
            state.running[session] = left > 0 ? left : nil
            guard let index = state.waiting.firstIndex(where: { hasRoom(for: $0.session, state) }) else { return nil }
            let waiter = state.waiting.remove(at: index)
            state.running[waiter.session, default: 0] += 1
            return waiter
        }
        next?.admitted.resume()
    }

    private func hasRoom(for session: SessionID, _ state: State) -> Bool {
        state.running.values.reduce(0, +) < maximum && state.running[session, default: 0] < ofOneSession
    }

    private func cancel(_ id: UInt64) {
        let waiter: Waiter? = state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
                state.gone.insert(id)
                return nil
            }
            return state.waiting.remove(at: index)
        }
        waiter?.admitted.resume(throwing: CancellationError())
    }
}
