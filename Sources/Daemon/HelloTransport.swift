internal import MCP

/// A transport whose first message is taken off before the rest is passed on.
actor HelloTransport {
    private let base: any MessageTransport
    private var iterator: MessageBatches.Iterator
    private var left: [[UInt8]] = []

    init(_ base: any MessageTransport) {
        self.base = base
        iterator = base.messages.makeAsyncIterator()
    }

    /// The first message; the connection is closed where none comes in time.
    func firstMessage(within limit: Duration) async throws -> [UInt8] {
        let base = base
        let watch = Task {
            try await Task.sleep(for: limit)
            base.close()
        }
        defer { watch.cancel() }
        var batch = try await nextBatch() ?? []
        guard !batch.isEmpty else { throw StartError("The client left before it said anything.") }
        let first = batch.removeFirst()
        left = batch
        return first
    }

    nonisolated func rest() -> any MessageTransport {
        Rest(base: base, messages: MessageBatches(AsyncThrowingStream { try await self.nextBatch() }))
    }

    private func nextBatch() async throws -> [[UInt8]]? {
        guard left.isEmpty else {
            defer { left = [] }
            return left
        }
        var iterator = iterator
        defer { self.iterator = iterator }
        return try await iterator.next(isolation: self)
    }

    private struct Rest: MessageTransport {
        let base: any MessageTransport
        let messages: MessageBatches

        nonisolated(nonsending) func send(_ messages: [[UInt8]]) async throws {
            try await base.send(messages)
        }

        func close() {
            base.close()
        }
    }
}
