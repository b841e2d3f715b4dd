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
            var senders = WaitingSenders()

            var isFull: Bool { waitingBatches > Direction.maximumBatches && !isClosed }
        }

        private static let maximumBatches = 64

        private let state = Mutex(State())
        private let stream: AsyncThrowingStream<[[UInt8]], any Error>
        private let continuation: AsyncThrowingStream<[[UInt8]], any Error>.Continuation
        private let presence: AsyncStream<Never>
        private let departure: AsyncStream<Never>.Continuation

        init() {
            (stream, continuation) = AsyncThrowingStream.makeStream(of: [[UInt8]].self)
            (presence, departure) = AsyncStream.makeStream(of: Never.self)
        }

        var messages: MessageBatches {
            MessageBatches(stream, presence: presence, taken: { [self] in wasTaken() })
        }

        nonisolated(nonsending) func send(_ messages: [[UInt8]]) async throws {
            guard !messages.isEmpty else { return }
            let ticket = try state.withLock { state in
                guard !state.isClosed else { throw TransportError.closed }
                state.waitingBatches += 1
                continuation.yield(messages)
                return state.isFull ? state.senders.ticket() : nil
            }
            guard let ticket else { return }
            await withTaskCancellationHandler {
                await withCheckedContinuation { sender in
                    let mustWait = state.withLock { state in
                        guard state.isFull, !Task.isCancelled else { return false }
                        state.senders.add(ticket, sender)
                        return true
                    }
                    if !mustWait { sender.resume() }
                }
            } onCancel: {
                state.withLock { $0.senders.take(ticket) }?.resume()
            }
        }

        func close() {
            let senders = state.withLock { state in
                state.isClosed = true
                return state.senders.takeAll()
            }
            continuation.finish()
            departure.finish()
            for sender in senders { sender.resume() }
        }

        private func wasTaken() {
            let senders = state.withLock { state in
                state.waitingBatches -= 1
                return state.isFull ? [] : state.senders.takeAll()
            }
            for sender in senders { sender.resume() }
        }
    }
}
