internal import Model
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization
internal import UnixPeers

/// One compartment's listening socket and the connections accepted on it. Who may connect is the file system's
/// business, and the socket a request came through is its only credential.
final class Door: Sendable {
    let compartment: CompartmentID
    let received: @Sendable (Exchange) -> Void
    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }
    private let state = Mutex(State())

    private init(compartment: CompartmentID, received: @escaping @Sendable (Exchange) -> Void) {
        self.compartment = compartment
        self.received = received
    }

    /// Takes over `listening`, which is closed with the door, or at once where this throws.
    static func open(
        listening: CInt, compartment: CompartmentID, expectedUser: UInt32?, limits: GatewayLimits,
        group: any EventLoopGroup, received: @escaping @Sendable (Exchange) -> Void
    ) async throws -> Door {
        let door = Door(compartment: compartment, received: received)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.maxMessagesPerRead, value: 4)
            .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                door.admit(channel, expectedUser: expectedUser, limits: limits)
            }
        let listener = try await bootstrap.withBoundSocket(listening).get()
        door.state.withLock { $0.listener = listener }
        return door
    }

    func close() async {
        let channels = state.withLock { state in
            state.isClosed = true
            defer { state.connections = [:] }
            return [state.listener].compactMap { $0 } + Array(state.connections.values)
        }
        for channel in channels { channel.close(promise: nil) }
        for channel in channels { try? await channel.closeFuture.get() }
    }

    private func admit(_ channel: any Channel, expectedUser: UInt32?, limits: GatewayLimits) -> EventLoopFuture<Void> {
        let key = ObjectIdentifier(channel)
        let admitted = state.withLock { state in
            guard !state.isClosed, state.connections.count < limits.maximumConnectionsPerDoor else { return false }
            state.connections[key] = channel
            return true
        }
        guard admitted else { return channel.close() }
        channel.closeFuture.whenComplete { _ in
            self.state.withLock { _ = $0.connections.removeValue(forKey: key) }
        }
        return UnixPeer.of(channel).flatMapThrowing { peer in
            if let expectedUser, peer?.user != expectedUser {
                channel.close(promise: nil)
                return
            }
            var sizes = NIOHTTPDecoderLimitConfiguration()
            sizes.maxHeaderFieldSize = limits.maximumHeaderBytes
            sizes.maxHeaderListSize = limits.maximumHeaderBytes
            sizes.maxHeaderFieldCount = limits.maximumHeaderFields
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers(
                HTTPResponseEncoder(),
                ByteToMessageHandler(
                    HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: sizes)),
                DoorHandler(door: self, limits: limits))
        }
    }
}
