internal import Synchronization

/// Lets others wait until every door is open, or learn why one is not.
final class Opening: Sendable {
    private struct State {
        var missing: Int
        var port: Int?
        var result: Result<Int, any Error>?
        var waiting: [CheckedContinuation<Int, any Error>] = []
    }

    private let state: Mutex<State>

    init(doors: Int) {
        state = Mutex(State(missing: doors))
    }

    func opened(port: Int?) {
        settle { state in
            state.missing -= 1
            if let port { state.port = port }
            guard state.missing == 0, let port = state.port else { return nil }
            return .success(port)
        }
    }

    func fail(with error: any Error) {
        settle { _ in .failure(error) }
    }

    func port() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            let known = state.withLock { state in
                if state.result == nil { state.waiting.append(continuation) }
                return state.result
            }
            if let known { continuation.resume(with: known) }
        }
    }

    private func settle(_ decide: (inout State) -> Result<Int, any Error>?) {
        let (result, waiting) = state.withLock { state in
            if state.result == nil || state.missing == 0 { state.result = decide(&state) ?? state.result }
            guard state.result != nil else {
                return (Result<Int, any Error>?.none, [CheckedContinuation<Int, any Error>]())
            }
            defer { state.waiting = [] }
            return (state.result, state.waiting)
        }
        if let result { for continuation in waiting { continuation.resume(with: result) } }
    }
}
