import Synchronization

/// Two transports whose messages arrive at each other, in one process.
package enum InMemoryTransport {
    package static func pair() -> (any MessageTransport, any MessageTransport) {
        let there = Direction()
        let back = Direction()
        return (End(incoming: back, outgoing: there), End(incoming: there, outgoing: back))
    }

    private struct End: MessageTransport {
        let incoming: Direction
        let outgoing: Direction

        var messages: MessageBatches { incoming.messages }

        nonisolated(nonsending) func send(_ messages: [[UInt8]]) async throws {
            try await outgoing.send(messages)
        }

        func close() {
            outgoing.close()
            incoming.close()
        }
    }

    private final class Direction: Sendable {
        private struct State {
            var waitingBatches = 0
            var isClosed = false
            var senders: [CheckedContinuation<Void, Never>] = []
        }

        private static let maximumBatches = 64

        private let state: Mutex<State>
        private let stream: AsyncThrowingStream<[[UInt8]], any Error>
        private let continuation: AsyncThrowingStream<[[UInt8]], any Error>.Continuation

        init() {
            state = Mutex(State())
            (stream, continuation) = AsyncThrowingStream.makeStream(of: [[UInt8]].self)
        }

        var messages: MessageBatches {
            MessageBatches(stream, taken: { [self] in wasTaken() })
        }

        nonisolated(nonsending) func send(_ messages: [[UInt8]]) async throws {
            guard !messages.isEmpty else { return }
            try state.withLock { state in
                guard !state.isClosed else { throw TransportError.closed }
                state.waitingBatches += 1
                continuation.yield(messages)
            }
            await withCheckedContinuation { sender in
                let mustWait = state.withLock { state in
                    guard !state.isClosed, state.waitingBatches > Self.maximumBatches else { return false }
                    state.senders.append(sender)
                    return true
                }
                if !mustWait { sender.resume() }
            }
        }

        func close() {
            let senders = state.withLock { state in
                state.isClosed = true
                defer { state.senders = [] }
                return state.senders
            }
            continuation.finish()
            for sender in senders { sender.resume() }
        }

        private func wasTaken() {
            let sender = state.withLock { state in
                state.waitingBatches -= 1
                return state.senders.isEmpty ? nil : state.senders.removeFirst()
            }
            sender?.resume()
        }
    }
}
