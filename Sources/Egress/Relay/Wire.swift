internal import NIOCore

/// A leg as seen from tasks: everything hops to its event loop.
struct Wire: Sendable {
    let channel: any Channel
    private let leg: NIOLoopBound<Leg>

    /// On the channel's event loop only.
    init(_ leg: Leg) {
        channel = leg.channel
        self.leg = NIOLoopBound(leg, eventLoop: leg.channel.eventLoop)
    }

    /// Runs on the event loop of this wire, to which a relay's other leg belongs too.
    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (Leg) throws -> EventLoopFuture<Value>
    ) async throws -> Value {
        try await channel.eventLoop.flatSubmit {
            do {
                return try body(leg.value)
            } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
        }.get()
    }

    /// On the event loop only.
    var onItsLoop: Leg { leg.value }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func closeLingering(_ last: [UInt8] = []) async {
        try? await onLoop { leg in
            leg.closeLingering(ByteBuffer(bytes: last))
            return leg.channel.eventLoop.makeSucceededVoidFuture()
        }
    }

    /// The next head, as `HeadReader` takes it. Throws `Leg.Failure` where it does not come.
    func head(_ limits: EgressLimits, within deadline: TimeAmount) async throws -> [UInt8] {
        try await onLoop { leg in
            var reader = HeadReader(maximumBytes: limits.headBytes, maximumFields: limits.headFields)
            return leg.take(within: deadline) { held -> [UInt8]? in
                guard let length = try reader.length(held.readableBytesView) else { return nil }
                return held.readBytes(length: length)
            }
        }
    }

    /// How many bytes have arrived that nobody has taken.
    func heldBytes() async -> Int {
        (try? await onLoop { leg in leg.channel.eventLoop.makeSucceededFuture(leg.held.readableBytes) }) ?? 0
    }
}
