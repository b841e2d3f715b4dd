package import MCP
package import Model
package import Routing

/// Where sessions get their compartments; in production the pool of `Compartments`.
package protocol CompartmentSource: Sendable {
    func take(for session: SessionID) async throws -> any SessionCompartment
    /// Removes the session's scratch volume. Throws where a container has it still. No error where there is none.
    func discardScratch(of session: SessionID) async throws
    /// Sessions that have a scratch volume, in order, so many at a time; empty where there are no more.
    func scratches(after session: SessionID?) async throws -> [SessionID]
}

/// A session's containers as the conversation uses them.
package protocol SessionCompartment: Sendable {
    var id: CompartmentID { get }
    /// The harness is the MCP server on it.
    var agentTransport: any MessageTransport { get }
    /// The workspace container's tool server; started with `volumes` at first use, started anew after it died.
    func workspace(volumes: [VolumeGrant]) async throws -> ClientSession
    /// Gives each workspace container an egress door from now on, and `serve` its listening descriptor, which is its own to
    /// close: at once where one runs, else before anything runs in it. `nil`: containers started later have none.
    func serveEgress(_ serve: (@Sendable (CInt) async -> Void)?) async throws
    /// Runs `body` with the tools of a container for one command, made as the workspace's and gone when this returns: its
    /// own uid, processes, /tmp and egress door, the volumes of the workspace that runs. One at a time. `serve` as above.
    func errand(
        deadline: Duration, egress serve: (@Sendable (CInt) async -> Void)?,
        _ body: @escaping @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult
    /// A sentence about why the agent container is gone, once it is.
    func whyAgentEnded() async -> String
    func whyWorkspaceEnded() async -> String
    func end() async
}

/// The model gateway's doors as conversations use them.
package protocol ModelDoors: Sendable {
    func assign(_ compartment: CompartmentID, to session: SessionDescription) async
    /// From now on the session may call the model for this turn.
    func grant(_ leave: TurnLeave, for turn: MessageID, of session: SessionDescription) async
    /// From its next model call on the turn goes to this tier.
    func move(_ turn: MessageID, of session: SessionID, to tier: RouteTier) async
    /// When this returns, no call is admitted for the turn, those under way are being cancelled, and no text of theirs
    /// reaches people any more.
    func revoke(_ turn: MessageID, of session: SessionID) async
    func close(_ compartment: CompartmentID, of session: SessionID) async
    /// Whether the turn's last model call found no model at all; `nil` where it did, or failed for another reason. Known
    /// until the session's next turn, or its end.
    func outage(of turn: MessageID, session: SessionID) async -> TurnOutage?
    func readiness(of tier: RouteTier?, in channel: ChannelID) async -> ModelReadiness
}

extension ModelDoors {
    package func outage(of turn: MessageID, session: SessionID) async -> TurnOutage? { nil }
    package func readiness(of tier: RouteTier?, in channel: ChannelID) async -> ModelReadiness { .ready }
}

package enum TurnOutage: Hashable, Sendable {
    /// It may be what was asked.
    case suspected
    /// Others fail too.
    case certain
}

/// Whether a turn begun now would find a model.
package enum ModelReadiness: Hashable, Sendable {
    case ready
    /// One turn may find out.
    case worthATry
    case down
}

/// What a turn may take of the model.
package struct TurnLeave: Hashable, Sendable {
    /// Model calls, and the highest `max_tokens` of one.
    package var calls: Int
    package var outputTokens: Int
    package var tier: RouteTier
    /// The task it is work of, and which run of it; `nil` for what a person asked.
    package var task: String?
    package var run: String?
    /// What the run may cost by its owner's word, in millionths of a US dollar.
    package var runLimit: Int64?

    package init(
        calls: Int, outputTokens: Int, tier: RouteTier = .balanced, task: String? = nil, run: String? = nil
    ) {
        self.calls = calls
        self.outputTokens = outputTokens
        self.tier = tier
        self.task = task
        self.run = run
    }
}

/// Who a session works for, and where.
package struct SessionDescription: Sendable {
    package let session: SessionID
    package let conversation: ConversationID
    package let channel: ChannelID
    package let requester: PersonID

    package init(session: SessionID, conversation: ConversationID, channel: ChannelID, requester: PersonID) {
        self.session = session
        self.conversation = conversation
        self.channel = channel
        self.requester = requester
    }
}
