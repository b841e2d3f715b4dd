/// A two-way stream of raw messages, one JSON text each. Implementations bound what they hold in both directions.
package protocol MessageTransport: Sendable {
    /// In order, in the batches they arrived in. Ends when the peer closes, throws where the stream broke.
    /// To be iterated once. A batch not taken stops the peer from sending more than a little.
    var messages: MessageBatches { get }

    /// Sends messages in order, all in one write where possible. Suspends while the peer does not read.
    nonisolated(nonsending) func send(_ messages: [[UInt8]]) async throws

    /// Ends `messages` and sending, at once. What is on its way still goes out as far as the peer takes it.
    func close()
}

extension MessageTransport {
    nonisolated(nonsending) package func send(_ message: [UInt8]) async throws {
        try await send([message])
    }
}

/// What arrives on a transport.
package struct MessageBatches: AsyncSequence, Sendable {
    package typealias Element = [[UInt8]]

    /// Ends once the peer is gone, be it that batches are still to be taken: for a consumer that takes none for a while,
    /// and should not wait for something on behalf of a peer that no longer exists.
    package let presence: AsyncStream<Never>

    private let stream: AsyncThrowingStream<Element, any Error>
    private let taken: @Sendable () -> Void

    /// `taken` is called for each batch that the consumer took, so that the producer can make the next.
    package init(
        _ stream: AsyncThrowingStream<Element, any Error>, presence: AsyncStream<Never> = AsyncStream { _ in },
        taken: @escaping @Sendable () -> Void = {}
    ) {
        self.stream = stream
        self.presence = presence
        self.taken = taken
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(base: stream.makeAsyncIterator(), taken: taken)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: AsyncThrowingStream<Element, any Error>.Iterator
        fileprivate let taken: @Sendable () -> Void

        package mutating func next() async throws -> Element? {
            try await next(isolation: nil)
        }

        package mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
            let batch = try await base.next(isolation: actor)
            if batch != nil { taken() }
            return batch
        }
    }
}
