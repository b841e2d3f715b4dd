internal import Model
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import UnixPeers

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
    /// With the connection's place, which is to be held until it has been served.
    private let accepted: @Sendable (EgressDoor, Wire, ConnectionPlace) -> Void
    private let turnedAway: @Sendable (EgressDoor) -> Void

    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }
    private let state = Mutex(State())

    init(
        session: SessionID, name: EgressDoorName, reach: EgressReach, meter: SessionMeter, total: ConnectionCount,
        limits: EgressLimits, expectedUser: UInt32?,
        accepted: @escaping @Sendable (EgressDoor, Wire, ConnectionPlace) -> Void,
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
        UnixPeer.of(channel).flatMapThrowing { peer in
            let leg = Leg(channel)
            try channel.pipeline.syncOperations.addHandler(leg)
            if let expected = self.expectedUser, peer?.user != expected {
                leg.activated = Self.close
                return
            }
            do throws(ConnectionPlace.Refused) {
                let place = try ConnectionPlace(of: self.meter, in: self.total)
                self.take(channel, leg, place)
            } catch {
                self.turnAway()
                leg.activated = error == .session ? self.farewell(channel) : Self.close
            }
        }
    }

    private func take(_ channel: any Channel, _ leg: Leg, _ place: ConnectionPlace) {
        channel.closeFuture.whenComplete { _ in withExtendedLifetime(place) {} }
        let key = ObjectIdentifier(channel)
        let isClosed = state.withLock { state in
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
        leg.activated = { self.accepted(self, Wire($0), place) }
    }

    /// Counts one that is turned away. Whoever tells of them is woken once for all that come until it has told.
    func turnAway() {
        if meter.turnAway() { turnedAway(self) }
    }

    /// Why, to as many as can be told at once.
    private func farewell(_ channel: any Channel) -> (Leg) -> Void {
        guard lingering.enter() else { return Self.close }
        channel.closeFuture.whenComplete { _ in self.lingering.leave() }
        let refusal = HTTPRefusal(
            503, "This session has \(limits.connections) connections, which is the limit. Close some first.")
        return { $0.closeLingering(ByteBuffer(bytes: ProxyAnswer.refusal(refusal))) }
    }

    /// For `activated`: a channel that is still being set up is not to be closed.
    private static func close(_ leg: Leg) { leg.channel.close(promise: nil) }
}

/// Large, as what passes is not looked at; grown by use, as most connections pass little.
enum LegBuffers {
    static let allocator = AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 16 << 10, maximum: 512 << 10)
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 256 << 10, high: 1 << 20)
}
