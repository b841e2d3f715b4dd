/// Messages as lines over file descriptors: a pair of pipes, or one socket for both directions.
///
/// Reading blocks a small thread of its own; writing to a pipe does too, to a socket only while the peer is slow.
/// Neither changes the descriptors' flags, which other processes may share.
package final class DescriptorTransport: MessageTransport {
    private let descriptors: Descriptors
    private let writer: DescriptorWriter
    private let stopReading: @Sendable () -> Void

    package let messages: MessageBatches

    /// With `ownsDescriptors` they are closed once the transport is closed and its threads have let go of them; a socket
    /// is shut down at once, for other holders of it as well. Nobody else may write to a pipe given as `writing`.
    package init(
        reading: CInt, writing: CInt, decoder: some StreamDecoder = IdentityDecoder(),
        limits: TransportLimits = .default, ownsDescriptors: Bool = true
    ) {
        descriptors = Descriptors(reading: reading, writing: writing, isOwner: ownsDescriptors)
        writer = DescriptorWriter(descriptors, limits: limits)
        let reader = DescriptorReader(descriptors, decoder: decoder, limits: limits)
        messages = reader.messages
        stopReading = { reader.close() }
    }

    deinit {
        close()
    }

    nonisolated(nonsending) package func send(_ messages: [[UInt8]]) async throws {
        try await writer.send(messages)
    }

    package func close() {
        stopReading()
        descriptors.wakeAll()
        writer.close()
    }
}
