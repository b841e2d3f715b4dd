package import Logging
package import Model
internal import NIOPosix

/// The model door of every compartment: a Messages API on a Unix socket each, behind which one session's calls are
/// admitted, sent to its tier's model with a key that no agent sees, and billed to it.
package actor ModelGateway {
    let configuration: GatewayConfiguration
    let recorder: any ModelCallRecorder
    let observer: any ModelStreamObserver
    let logger: Logger
    let clock: GatewayClock

    private var doors: [CompartmentID: Door] = [:]
    private var sessions: [CompartmentID: ModelSession] = [:]
    /// Under way, each under the session it is billed to.
    private var calls: [SessionID: [ObjectIdentifier: Exchange]] = [:]
    private let arrivals: AsyncStream<Exchange>
    /// Not bounded here: each connection has one request at most, and each door a bounded number of connections.
    private let arrival: AsyncStream<Exchange>.Continuation

    /// Throws where a tier names a provider that is not configured.
    package init(
        configuration: GatewayConfiguration, recorder: any ModelCallRecorder,
        observer: any ModelStreamObserver = SilentObserver(), logger: Logger = Logger(label: "model-gateway"),
        clock: GatewayClock = .system
    ) throws(GatewayError) {
        for (tier, target) in configuration.tiers where configuration.providers[target.provider] == nil {
            throw GatewayError(
                .configuration,
                "The tier \(tier.rawValue) names the provider \(target.provider), which is not configured.")
        }
        self.configuration = configuration
        self.recorder = recorder
        self.observer = observer
        self.logger = logger
        self.clock = clock
        (arrivals, arrival) = AsyncStream.makeStream()
    }

    /// Answers until cancelled; then open calls end (and are recorded), and doors close. Call once.
    package func run() async throws {
        var providers: [String: any Provider] = [:]
        var remotes: [AnthropicProvider] = []
        for (name, provider) in configuration.providers {
            switch provider {
            case .offline: providers[name] = OfflineProvider(clock: clock)
            case .anthropic(let settings):
                let remote = AnthropicProvider(settings, clock: clock)
                remotes.append(remote)
                providers[name] = remote
            }
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

    /// From now on calls through the compartment's door are this session's. Before, they are refused.
    package func assign(_ compartment: CompartmentID, to session: ModelSession) {
        sessions[compartment] = session
    }

    /// Ends the assignment and what runs under it.
    package func unassign(_ compartment: CompartmentID) {
        guard let session = sessions.removeValue(forKey: compartment) else { return }
        for exchange in (calls[session.session] ?? [:]).values where exchange.compartment == compartment {
            exchange.interrupt(.cancelled)
        }
    }

    /// Ends the session's running calls with an error; the next call is answered again.
    package func cancelCalls(of session: SessionID) {
        for exchange in (calls[session] ?? [:]).values { exchange.interrupt(.cancelled) }
    }

    /// Closes the door and every connection through it.
    package func close(_ compartment: CompartmentID) async {
        unassign(compartment)
        guard let door = doors.removeValue(forKey: compartment) else { return }
        await door.close()
    }

    func session(of compartment: CompartmentID) -> ModelSession? {
        sessions[compartment]
    }

    /// Whether the session may have one more call; each admission is to be followed by `leave`.
    func enter(_ exchange: Exchange, session: SessionID) -> Bool {
        guard (calls[session] ?? [:]).count < configuration.limits.maximumCallsPerSession else { return false }
        calls[session, default: [:]][ObjectIdentifier(exchange)] = exchange
        return true
    }

    func leave(_ exchange: Exchange, session: SessionID) {
        calls[session]?[ObjectIdentifier(exchange)] = nil
        if calls[session]?.isEmpty == true { calls[session] = nil }
    }

    private var tierNames: String {
        configuration.tiers.map { "\($0.rawValue)=\($1.provider)/\($1.model)" }.sorted().joined(separator: " ")
    }
}
