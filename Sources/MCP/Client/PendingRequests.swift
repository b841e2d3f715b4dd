import Synchronization

/// The requests of a client that have no answer yet. Synchronous, so that cancellation can act at once; each request
/// is ended exactly once, by whoever takes it out first.
final class PendingRequests: Sendable {
    typealias Outcome = Result<JSONObject, any Error>

    private struct Entry {
        var continuation: CheckedContinuation<JSONObject, any Error>?
        /// Came before anybody waited for it.
        var outcome: Outcome?
        var lastProgress = -Double.infinity
        let onProgress: (@Sendable (Progress) -> Void)?
    }

    private struct State {
        var entries: [RequestID: Entry] = [:]
        var lastID: Int64 = 0
        /// Set once nothing more will be answered.
        var closed: (any Error)?
    }

    private let state = Mutex(State())

    /// Registers a request before it is sent, and gives it an id never used before.
    func open(onProgress: (@Sendable (Progress) -> Void)?) throws -> RequestID {
        try state.withLock { state in
            if let closed = state.closed { throw closed }
            state.lastID += 1
            let id = RequestID.int(state.lastID)
            state.entries[id] = Entry(onProgress: onProgress)
            return id
        }
    }

    /// Waits for the outcome, which may be there already.
    nonisolated(nonsending) func wait(for id: RequestID) async throws -> JSONObject {
        try await withCheckedThrowingContinuation { continuation in
            let outcome: Outcome? = state.withLock { state in
                guard let entry = state.entries[id] else { return .failure(CancellationError()) }
                if let outcome = entry.outcome {
                    state.entries[id] = nil
                    return outcome
                }
                state.entries[id]?.continuation = continuation
                return nil
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    /// False where nobody waits for this id any more.
    @discardableResult
    func end(_ id: RequestID, _ outcome: Outcome) -> Bool {
        let (isKnown, continuation) = state.withLock { state in
            guard let entry = state.entries[id], entry.outcome == nil else {
                return (false, CheckedContinuation<JSONObject, any Error>?.none)
            }
            if entry.continuation != nil {
                state.entries[id] = nil
            } else {
                state.entries[id]?.outcome = outcome
            }
            return (true, entry.continuation)
        }
        continuation?.resume(with: outcome)
        return isKnown
    }

    /// For a request that will not be waited for.
    func forget(_ id: RequestID) {
        state.withLock { $0.entries[id] = nil }
    }

    func progress(_ id: RequestID, _ progress: Progress) {
        let report = state.withLock { state in
            guard let entry = state.entries[id], entry.outcome == nil, progress.value > entry.lastProgress else {
                return (@Sendable (Progress) -> Void)?.none
            }
            state.entries[id]?.lastProgress = progress.value
            return entry.onProgress
        }
        report?(progress)
    }

    /// Ends all requests, and those to come.
    func close(_ error: any Error) {
        let ids = state.withLock { state in
            if state.closed == nil { state.closed = error }
            return Array(state.entries.keys)
        }
        for id in ids { end(id, .failure(error)) }
    }
}
