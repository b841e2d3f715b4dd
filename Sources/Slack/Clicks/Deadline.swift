/// Time that something has.
package enum Deadline {
    /// What had to be done in a time was not.
    package struct Missed: Error {
        package init() {}
    }

    /// `body`, which is cancelled after `limit`: throws `Missed` then, once it has heard of that.
    package static func within<Value: Sendable>(
        _ limit: Duration, _ time: SlackTime = .system, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await time.sleep(limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw Missed() }
            return value
        }
    }
}
