/// Runs `operation` and gives up on it, cancelling, after `limit`.
func withDeadline<Result: Sendable>(
    _ limit: Duration, _ what: String, operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask(operation: operation)
        group.addTask {
            try await Task.sleep(for: limit)
            throw EngineError(.timedOut, "the Docker Engine did not finish \(what) within \(limit)")
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}
