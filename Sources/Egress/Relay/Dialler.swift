internal import NIOCore
internal import NIOPosix
internal import NetworkRules

/// Connects to addresses that were checked. Knows no names.
enum Dialler {
    /// The first address that takes the connection, in order; at most four are tried.
    static func dial(
        _ addresses: [IPAddress], port: UInt16, of target: Authority, on loop: any EventLoop, within limit: Duration
    ) async throws(EgressError) -> (wire: Wire, address: IPAddress) {
        let tried = addresses.prefix(4)
        let clock = ContinuousClock()
        let end = clock.now + limit
        var last = "there is no address"
        for (index, address) in tried.enumerated() {
            // What is left is shared by those that are left: one that is silent must not take the others' time.
            let share = (end - clock.now) / (tried.count - index)
            guard share > .zero else { break }
            do {
                return (try await connect(address, port: port, on: loop, within: share), address)
            } catch {
                last = reason(error)
            }
        }
        throw EgressError(.connect, "\(target) could not be connected to: \(last).")
    }

    private static func connect(
        _ address: IPAddress, port: UInt16, on loop: any EventLoop, within limit: Duration
    ) async throws -> Wire {
        let socket = try SocketAddress(packedIPAddress: ByteBuffer(bytes: address.bytes), port: Int(port))
        return try await ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(limit))
            .channelOption(ChannelOptions.autoRead, value: false)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelOption(ChannelOptions.maxMessagesPerRead, value: 2)
            .channelOption(ChannelOptions.writeBufferWaterMark, value: LegBuffers.waterMark)
            .channelOption(ChannelOptions.recvAllocator, value: LegBuffers.allocator)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Leg(channel))
                }
            }
            .connect(to: socket)
            .flatMapThrowing { channel in
                Wire(try channel.pipeline.syncOperations.handler(type: Leg.self))
            }.get()
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError: error.errnoCode == ECONNREFUSED ? "connection refused" : "error \(error.errnoCode)"
        case ChannelError.connectTimeout: "no answer in time"
        default: "it failed"
        }
    }
}
