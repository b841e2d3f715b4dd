internal import Model
internal import NIOCore
internal import NIOPosix
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// A sandbox's listening socket and the connections accepted on it. Who may connect is the file system's business, and
/// the socket a request came through is its only credential.
final class EgressDoor: Sendable {
    let session: SessionID
    let name: EgressDoorName
    let reach: EgressReach
    let meter: SessionMeter
    private let total: ConnectionCount
    /// Of connections that are turned away: so many get a sentence at once, the rest are closed.
    private let lingering = ConnectionCount(maximum: 8)
    private let limits: EgressLimits
    private let expectedUser: UInt32?
    private let accepted: @Sendable (EgressDoor, Wire) -> Void
    private let turnedAway: @Sendable (EgressDoor) -> Void

    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }
    private let state = Mutex(State())

    init(
        session: SessionID, name: EgressDoorName, reach: EgressReach, meter: SessionMeter, total: ConnectionCount,
        limits: EgressLimits, expectedUser: UInt32?, accepted: @escaping @Sendable (EgressDoor, Wire) -> Void,
        turnedAway: @escaping @Sendable (EgressDoor) -> Void
    ) {
        (self.session, self.name, self.reach, self.meter, self.total) = (session, name, reach, meter, total)
        (self.limits, self.expectedUser) = (limits, expectedUser)
        (self.accepted, self.turnedAway) = (accepted, turnedAway)
    }

    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Takes over `listening`, which is closed with the door, or at once where this throws.
    func listen(on listening: CInt, group: any EventLoopGroup) async throws {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.maxMessagesPerRead, value: 4)
            .childChannelOption(ChannelOptions.autoRead, value: false)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelOption(ChannelOptions.maxMessagesPerRead, value: 2)
            .childChannelOption(ChannelOptions.writeBufferWaterMark, value: LegBuffers.waterMark)
            .childChannelOption(ChannelOptions.recvAllocator, value: LegBuffers.allocator)
            .childChannelInitializer { channel in self.admit(channel) }
        let listener = try await bootstrap.withBoundSocket(listening).get()
        let isClosed = state.withLock { state in
            state.listener = listener
            return state.isClosed
        }
        if isClosed { listener.close(promise: nil) }
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

    private func admit(_ channel: any Channel) -> EventLoopFuture<Void> {
        peerUser(of: channel).flatMapThrowing { user in
            let leg = Leg(channel)
            try channel.pipeline.syncOperations.addHandler(leg)
            if let expected = self.expectedUser, user != expected {
                leg.activated = Self.close
                return
            }
            // The session's own limit first: one that has reached it takes no place from others.
            guard self.meter.enter() else {
                self.turnedAway(self)
                guard self.lingering.enter() else {
                    leg.activated = Self.close
                    return
                }
                channel.closeFuture.whenComplete { _ in self.lingering.leave() }
                let refusal = HTTPRefusal(
                    503,
                    "This session has \(self.limits.connections) connections, which is the limit. Close some first.")
                leg.activated = { $0.closeLingering(ByteBuffer(bytes: ProxyAnswer.refusal(refusal))) }
                return
            }
            channel.closeFuture.whenComplete { _ in self.meter.leave() }
            guard self.total.enter() else {
                self.turnedAway(self)
                leg.activated = Self.close
                return
            }
            channel.closeFuture.whenComplete { _ in self.total.leave() }
            let key = ObjectIdentifier(channel)
            let isClosed = self.state.withLock { state in
                if !state.isClosed { state.connections[key] = channel }
                return state.isClosed
            }
            guard !isClosed else {
                leg.activated = Self.close
                return
            }
            channel.closeFuture.whenComplete { _ in
                self.state.withLock { _ = $0.connections.removeValue(forKey: key) }
            }
            leg.activated = { self.accepted(self, Wire($0)) }
        }
    }

    /// For `activated`: a channel that is still being set up is not to be closed.
    private static func close(_ leg: Leg) { leg.channel.close(promise: nil) }

    /// `struct ucred` (unix(7)), which Glibc's module map does not show.
    private struct PeerCredential: Sendable {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    private func peerUser(of channel: any Channel) -> EventLoopFuture<UInt32?> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let credential: EventLoopFuture<PeerCredential> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return credential.map { $0.user }
    }
}

/// Connections of all sessions.
final class ConnectionCount: Sendable {
    private let maximum: Int
    private let count = Mutex(0)

    init(maximum: Int) {
        self.maximum = maximum
    }

    func enter() -> Bool {
        count.withLock { count in
            guard count < maximum else { return false }
            count += 1
            return true
        }
    }

    func leave() {
        count.withLock { $0 -= 1 }
    }
}

/// Large, as what passes is not looked at; grown by use, as most connections pass little.
enum LegBuffers {
    static let allocator = AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 16 << 10, maximum: 512 << 10)
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 256 << 10, high: 1 << 20)
}
