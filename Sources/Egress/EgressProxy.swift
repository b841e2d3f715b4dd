internal import Glibc
package import Logging
package import Model
internal import NIOCore
internal import NIOPosix

/// The third door: an HTTP proxy on a Unix socket per sandbox. What a client asks for is decided on by name, resolved and
/// dialled here, held to the name it was allowed for, capped, and told to the authority when it is over.
package actor EgressProxy {
    let authority: any EgressAuthority
    let limits: EgressLimits
    let reach: EgressReach
    let logger: Logger

    private var doors: [SessionID: [EgressDoorName: EgressDoor]] = [:]
    private var meters: [SessionID: SessionMeter] = [:]
    /// Of sessions without a door, the longest without one first.
    private var retired: [SessionID] = []
    private var live: [ObjectIdentifier: LiveConnection] = [:]
    private let total: ConnectionCount
    private var isOver = false

    private enum Arrival: Sendable {
        case connection(EgressDoor, Wire, ConnectionPlace)
        case turnedAway(EgressDoor)
    }
    private let arrivals: AsyncStream<Arrival>
    /// Bounded by what comes in: a connection holds its place from before it stands here until it was served, and of
    /// those turned away each session has at most one here.
    private let arrival: AsyncStream<Arrival>.Continuation

    package init(
        authority: any EgressAuthority, limits: EgressLimits = EgressLimits(), reach: EgressReach = EgressReach(),
        logger: Logger = Logger(label: "egress")
    ) {
        self.authority = authority
        self.limits = limits
        self.reach = reach
        self.logger = logger
        total = ConnectionCount(maximum: limits.allConnections)
        (arrivals, arrival) = AsyncStream.makeStream()
    }

    /// Serves until cancelled; then doors and connections close, and what was under way is recorded. Call once.
    package func run() async {
        let arrivals = arrivals
        await withDiscardingTaskGroup { group in
            for await arrival in arrivals {
                switch arrival {
                case .connection(let door, let wire, let place): group.addTask { await self.serve(wire, door, place) }
                case .turnedAway(let door): group.addTask { await self.tellOfTurnedAway(door) }
                }
            }
            // Before the tasks are waited for, as these end with their connections.
            await self.closeAll()
        }
    }

    private func closeAll() async {
        isOver = true
        arrival.finish()
        for session in Array(doors.keys) { await close(session) }
        for connection in live.values { connection.end("the proxy was stopped") }
        for (session, meter) in meters { await tellOfUntold(meter, session: session) }
    }

    /// Serves a sandbox's socket, which listens already; the descriptor is the proxy's from here on, also where this
    /// throws. With `expectedUser`, connections of other users are closed unanswered. `reach`: of this door alone,
    /// instead of the proxy's.
    package func open(
        door listening: CInt, for session: SessionID, name: EgressDoorName = .workspace, expectedUser: UInt32? = nil,
        reach: EgressReach? = nil
    ) async throws {
        guard !isOver, doors[session]?[name] == nil else {
            _ = Glibc.close(listening)
            throw EgressError(
                .door,
                isOver
                    ? "The egress proxy has been stopped."
                    : "The session \(session) has an egress door \(name) already.")
        }
        let arrival = arrival
        let door = EgressDoor(
            session: session, name: name, reach: reach ?? self.reach, meter: meter(of: session), total: total,
            limits: limits, expectedUser: expectedUser,
            accepted: { door, wire, place in
                // Nobody serves any more.
                if case .terminated = arrival.yield(.connection(door, wire, place)) { wire.channel.close(promise: nil) }
            },
            turnedAway: { arrival.yield(.turnedAway($0)) })
        // Before it listens: a second one would be refused meanwhile, and a closing one finds it.
        doors[session, default: [:]][name] = door
        do {
            try await door.listen(on: listening, group: MultiThreadedEventLoopGroup.singleton)
        } catch {
            forget(door)
            throw EgressError(.door, "The egress door of the session \(session) cannot be served: \(error)")
        }
    }

    /// Closes one door of the session with all its connections. Does nothing where there is none.
    package func close(_ session: SessionID, name: EgressDoorName) async {
        guard let door = doors[session]?[name] else { return }
        forget(door)
        for connection in live.values where connection.request.session == session && connection.request.door == name {
            connection.end("the door was closed")
        }
        await door.close()
    }

    /// Closes all doors of the session. What it has used of its caps is remembered for the next. Does nothing where there
    /// is none.
    package func close(_ session: SessionID) async {
        for name in (doors[session] ?? [:]).keys { await close(session, name: name) }
    }

    /// The session is over: its doors close, and what it has used is forgotten.
    package func end(_ session: SessionID) async {
        await close(session)
        guard doors[session] == nil else { return }
        if let meter = meters[session] { await tellOfUntold(meter, session: session) }
        guard doors[session] == nil else { return }
        meters[session] = nil
        retired.removeAll { $0 == session }
    }

    /// What the session has used of its caps; `nil` where that is not known.
    package func usage(of session: SessionID) -> EgressUsage? { meters[session]?.usage }

    private func meter(of session: SessionID) -> SessionMeter {
        retired.removeAll { $0 == session }
        if let meter = meters[session] { return meter }
        let meter = SessionMeter(limits: limits, now: ContinuousClock.now)
        meters[session] = meter
        return meter
    }

    private func forget(_ door: EgressDoor) {
        guard doors[door.session]?[door.name] === door else { return }
        doors[door.session]?[door.name] = nil
        guard doors[door.session]?.isEmpty == true else { return }
        doors[door.session] = nil
        retired.append(door.session)
        // Whoever opens doors should say when a session is over; where that is forgotten, this stays bounded.
        if retired.count > 10_000 { meters[retired.removeFirst()] = nil }
    }

    func enter(_ connection: LiveConnection) {
        live[ObjectIdentifier(connection)] = connection
        if isOver { connection.end("the proxy was stopped") }
    }

    func leave(_ connection: LiveConnection) {
        live[ObjectIdentifier(connection)] = nil
    }

    func live(of session: SessionID?) -> [LiveConnection] {
        live.values.filter { session == nil || $0.request.session == session }
    }
}
