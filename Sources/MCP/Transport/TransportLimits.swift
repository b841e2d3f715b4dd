/// What a transport holds at most.
package struct TransportLimits: Sendable, Hashable {
    /// A longer line breaks the connection: a peer that sends one is not worth the memory.
    package var maximumMessageBytes: Int
    /// From here on senders wait until the peer has read.
    package var maximumPendingBytes: Int
    /// Batches read ahead of the consumer.
    package var maximumBatches: Int

    package static let `default` = TransportLimits()

    package init(
        maximumMessageBytes: Int = 16 << 20, maximumPendingBytes: Int = 1 << 20, maximumBatches: Int = 2
    ) {
        self.maximumMessageBytes = maximumMessageBytes
        self.maximumPendingBytes = maximumPendingBytes
        self.maximumBatches = maximumBatches
    }
}
