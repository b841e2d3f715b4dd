internal import Synchronization

/// Waits for something so long and no longer.
enum Deadline {
    struct Passed: Error {}

    /// Not structured: a task group waits for its children, and who ignores cancellation would hold up whoever has given
    /// up on it. What is late is cancelled, and its result dropped.
    static func within<Value: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let race = Race<Value>()
        let work = Task {
            do { race.finish(.success(try await body())) } catch { race.finish(.failure(error)) }
        }
        let timer = Task {
            do { try await Task.sleep(for: limit) } catch { return }
            race.finish(.failure(Passed()))
        }
        defer {
            work.cancel()
            timer.cancel()
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { race.wait($0) }
        } onCancel: {
            race.finish(.failure(CancellationError()))
        }
    }

    /// The first result counts.
    private final class Race<Value: Sendable>: Sendable {
        private enum State {
            case open
            case waiting(CheckedContinuation<Value, any Error>)
            case finished(Result<Value, any Error>)
        }
        private let state = Mutex(State.open)

        func wait(_ continuation: CheckedContinuation<Value, any Error>) {
            let result: Result<Value, any Error>? = state.withLock { state in
                if case .finished(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }

        func finish(_ result: Result<Value, any Error>) {
            let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
                switch state {
                case .finished: return nil
                case .open:
                    state = .finished(result)
                    return nil
                case .waiting(let continuation):
                    state = .finished(result)
                    return continuation
                }
            }
            waiting?.resume(with: result)
        }
    }
}
