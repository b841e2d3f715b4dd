package import LeakScan
package import Logging
package import Model
internal import NIOPosix

/// The model door of every compartment: a Messages API on a Unix socket each, behind which one session's calls are
/// admitted, sent to its tier's model with a key that no agent sees, and billed to it.
package actor ModelGateway {
    let configuration: GatewayConfiguration
    let recorder: any ModelCallRecorder
    let observer: any ModelStreamObserver
    let budget: any ModelBudget
    let leaks: LeakScreen
    let logger: Logger
    let clock: GatewayClock
    let sessionLabels: @Sendable (SessionID) async throws -> Labels
    nonisolated let board = TargetBoard()

    private var doors: [CompartmentID: Door] = [:]
    private var sessions: [CompartmentID: ModelSession] = [:]
    private var grants: [SessionID: ModelGrant] = [:]
    private var rates: [CompartmentID: RequestRate] = [:]
    /// Under way, each under the session it is billed to.
    private var calls: [SessionID: [ObjectIdentifier: Exchange]] = [:]
    private let arrivals: AsyncStream<Exchange>
    /// Not bounded here: each connection has one request at most, and each door a bounded number of connections.
    private let arrival: AsyncStream<Exchange>.Continuation

    /// `labels` says what a session has seen by now; asked before a call where a target may not see everything. Throws where
    /// a tier names a provider that is not configured.
    package init(
        configuration: GatewayConfiguration, recorder: any ModelCallRecorder,
        observer: any ModelStreamObserver = SilentObserver(), budget: any ModelBudget = UnlimitedBudget(),
        leaks: LeakScreen = LeakScreen(),
        logger: Logger = Logger(label: "model-gateway"),
        clock: GatewayClock = .system,
        labels: @escaping @Sendable (SessionID) async throws -> Labels = { _ in [.untrusted, .private] }
    ) throws(GatewayError) {
        for (tier, targets) in configuration.targets {
            for target in targets where configuration.providers[target.provider] == nil {
                throw GatewayError(
                    .configuration,
                    "The tier \(tier.rawValue) names the provider \(target.provider), which is not configured.")
            }
        }
        sessionLabels = labels
        self.configuration = configuration
        self.recorder = recorder
        self.observer = observer
        self.budget = budget
        self.leaks = leaks
        self.logger = logger
        self.clock = clock
        (arrivals, arrival) = AsyncStream.makeStream()
    }

    /// Answers until cancelled; then open calls end (and are recorded), and doors close. Call once.
    package func run() async throws {
        var providers: [String: any Provider] = [:]
        var remotes: [any RemoteProvider] = []
        for (name, provider) in configuration.providers {
            let remote: any RemoteProvider
            switch provider {
            case .offline:
                providers[name] = OfflineProvider(clock: clock)
                continue
            case .anthropic(let settings): remote = AnthropicProvider(settings, clock: clock)
            case .openAI(let settings): remote = OpenAIProvider(settings, clock: clock)
            }
            remotes.append(remote)
            providers[name] = remote
        }
        logger.notice("model gateway serves", metadata: ["tiers": .string(tierNames)])
        let (arrivals, known) = (arrivals, providers)
        await withDiscardingTaskGroup { group in
            for await exchange in arrivals {
                group.addTask { await self.serve(exchange, providers: known) }
            }
        }
        for compartment in doors.keys { await close(compartment) }
        for remote in remotes { await remote.shutdown() }
    }

    /// Serves the compartment's socket, which listens already; the descriptor is the gateway's from here on. With
    /// `expectedUser`, connections of other users are closed unanswered.
    package func open(door listening: CInt, compartment: CompartmentID, expectedUser: UInt32? = nil) async throws {
        guard doors[compartment] == nil else {
            throw GatewayError(.door, "The compartment \(compartment) has a model door already.")
        }
        let arrival = arrival
        let door = try await Door.open(
            listening: listening, compartment: compartment, expectedUser: expectedUser, limits: configuration.limits,
            group: MultiThreadedEventLoopGroup.singleton
        ) { arrival.yield($0) }
        // Another may have been opened while this one was.
        guard doors[compartment] == nil else {
            await door.close()
            throw GatewayError(.door, "The compartment \(compartment) has a model door already.")
        }
        doors[compartment] = door
    }

    /// From now on requests through the compartment's door are this session's. Before, they are refused; and without a
    /// grant those that cost are.
    package func assign(_ compartment: CompartmentID, to session: ModelSession) {
        sessions[compartment] = session
    }

    /// Ends the assignment, the session's grant, and what runs under it.
    package func unassign(_ compartment: CompartmentID) {
        guard let session = sessions.removeValue(forKey: compartment)?.session else { return }
        grants[session] = nil
        board.forget(session)
        interruptCalls(of: session)
    }

    /// From now on the session may call the model for this turn. One it was given for another turn is taken away.
    package func grant(_ grant: ModelGrant, to session: SessionID) {
        if let earlier = grants[session] { revoke(earlier.turn, of: session) }
        grants[session] = grant
    }

    /// From its next call on the turn goes to this tier. Of a turn that has no grant (any more): nothing.
    package func move(_ turn: MessageID, of session: SessionID, to tier: ModelTier) {
        guard grants[session]?.turn == turn else { return }
        grants[session]?.tier = tier
    }

    /// The turn is over, whatever became of it: its running calls end with an error, and no other is admitted before the
    /// next grant. Of a turn that has no grant (any more): nothing.
    package func revoke(_ turn: MessageID, of session: SessionID) {
        guard grants[session]?.turn == turn else { return }
        grants[session] = nil
        interruptCalls(of: session)
    }

    private func interruptCalls(of session: SessionID) {
        for exchange in (calls[session] ?? [:]).values { exchange.interrupt(.cancelled) }
    }

    /// Closes the door and every connection through it.
    package func close(_ compartment: CompartmentID) async {
        unassign(compartment)
        rates[compartment] = nil
        guard let door = doors.removeValue(forKey: compartment) else { return }
        await door.close()
    }

    /// Whose request it is, where it may be looked at at all. Without a grant not even the body of one that would cost is
    /// read, and what costs nothing is bounded in its rate: only this process pays for it.
    func caller(_ exchange: Exchange) throws(APIError) -> (session: ModelSession, target: RequestTarget) {
        guard let session = sessions[exchange.compartment] else {
            throw APIError(
                403, .permission, "This sandbox is not assigned to a conversation, so it may not use the model.",
                shouldRetry: false)
        }
        let target = try RequestTarget(exchange.request)
        if target == .messages {
            guard grants[session.session] != nil else { throw ModelGrant.missing }
        } else {
            guard isWithinRate(exchange.compartment) else {
                throw APIError(429, .rateLimit, "Too many requests that are no model calls.", retryAfter: 1)
            }
        }
        return (session, target)
    }

    func owner(of compartment: CompartmentID) -> ModelSession? { sessions[compartment] }

    /// Takes one of the requests the compartment may make for nothing. A refused one counts: it costs a line in the log.
    func isWithinRate(_ compartment: CompartmentID) -> Bool {
        guard doors[compartment] != nil else { return false }
        let now = clock.uptime()
        var rate =
            rates[compartment] ?? RequestRate(perMinute: configuration.limits.freeRequestsPerMinute, now: now)
        defer { rates[compartment] = rate }
        return rate.take(now: now)
    }

    /// Gives one more call of the session a place, or throws why not: before its body is decoded, so that what could not be
    /// asked anyhow costs no work, and no more bodies are decoded at once than calls may be made. To be followed by `leave`.
    func enter(_ exchange: Exchange, _ target: RequestTarget, session: SessionID) throws(APIError) {
        guard (calls[session] ?? [:]).count < configuration.limits.maximumCallsPerSession else {
            throw APIError(
                429, .rateLimit,
                "This session has \(configuration.limits.maximumCallsPerSession) calls under way, which is the limit.",
                retryAfter: 1)
        }
        if target == .messages {
            guard let grant = grants[session] else { throw ModelGrant.missing }
            guard grant.calls > 0 else { throw ModelGrant.usedUp }
        }
        calls[session, default: [:]][ObjectIdentifier(exchange)] = exchange
    }

    /// What a call is made under; `nil` for one that needs no grant.
    func grant(for target: RequestTarget, session: SessionID) throws(APIError) -> ModelGrant? {
        guard target == .messages else { return nil }
        // Looked at again: the turn may have ended while the request was decoded.
        guard let grant = grants[session] else { throw ModelGrant.missing }
        return grant
    }

    /// Takes a call that has its place off the grant it is made under, or throws why not.
    func use(_ request: MessagesRequest, under grant: ModelGrant?, session: SessionID) throws(APIError) {
        guard let grant else { return }
        guard var current = grants[session], current.turn == grant.turn else { throw ModelGrant.missing }
        try current.use(request)
        grants[session] = current
    }

    func leave(_ exchange: Exchange, session: SessionID) {
        calls[session]?[ObjectIdentifier(exchange)] = nil
        if calls[session]?.isEmpty == true { calls[session] = nil }
    }

    private var tierNames: String {
        configuration.targets.map { tier, targets in
            "\(tier.rawValue)=" + targets.map { "\($0.provider)/\($0.model)" }.joined(separator: ",")
        }.sorted().joined(separator: " ")
    }
}
