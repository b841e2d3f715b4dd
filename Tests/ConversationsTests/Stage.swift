import Audit
import Budgets
import Conversations
import Foundation
import Harness
import LeakScan
import Logging
import MCP
import Model
import Policy
import Routing
import Store
import ToolServers

/// A conversation service over a real store and gate, with compartments whose agents are scripts.
final class Stage: Sendable {
    let directory: String
    let database: Database
    let service: ConversationService
    let audit: AuditLog
    let policies: PolicyStore
    let hub = EventHub()
    let leaks = LeakGuard()
    let agents: ScriptedCompartments
    /// `nil` on a stage without a network.
    let egress: EgressDesk?

    init(
        directory: String? = nil, limits: ConversationLimits = ConversationLimits(), policy: String? = nil,
        servers: [any ToolServer] = [], errands: Errands? = nil, doors: any ModelDoors = NoDoors(),
        network: (any EgressDoors)? = nil, budgets: Reloadable<BudgetBook> = Reloadable(.none),
        compartments: (@Sendable (ScriptedCompartments) -> any CompartmentSource)? = nil,
        agent: @escaping ScriptedAgent.Script
    ) async throws {
        self.directory = directory ?? NSTemporaryDirectory() + "stage-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        database = try Database(directory: self.directory, logger: Logger(label: "test"))
        let policyFile = self.directory + "/policy.yaml"
        if !FileManager.default.fileExists(atPath: policyFile) {
            try (policy ?? Policy.standardText).write(toFile: policyFile, atomically: true, encoding: .utf8)
        }
        agents = ScriptedCompartments(script: agent)
        audit = try await AuditLog.open(database, leaks: leaks)
        let leakDesk = LeakDesk(database: database, audit: audit, logger: Logger(label: "test"))
        policies = try PolicyStore(path: policyFile)
        let pauses = try await PauseBoard.open(database, audit: audit)
        var servers = servers
        var desk: EgressDesk?
        if network != nil {
            let made = EgressDesk(
                database: database, policy: policies, audit: audit, pauses: pauses, redactor: NoRedaction(),
                logger: Logger(label: "test"))
            servers.append(
                EgressServer(
                    desk: made,
                    book: EgressGrantBook(database: database, audit: audit) { await made.reconsider() }))
            desk = made
        }
        egress = desk
        service = ConversationService(
            ConversationService.Parts(
                database: database, policy: policies, audit: audit, pauses: pauses,
                compartments: compartments?(agents) ?? agents, doors: doors, hub: hub, servers: servers,
                composer: ContextComposer(assistantName: "Bulkhead"), limits: Reloadable(limits),
                gateLimits: Reloadable(GateLimits()), egress: desk, budgets: budgets, errands: errands,
                leaks: LeakScreen(leaks, recorder: leakDesk), logger: Logger(label: "test")))
        if let network { await desk?.connect(network, announcer: service) }
    }

    /// Runs the service while `body` runs.
    func run(_ body: @escaping @Sendable (Stage) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.database.run() }
            group.addTask { try await self.service.run() }
            group.addTask { await self.agents.run() }
            group.addTask {
                try await body(self)
                throw Finished()
            }
            do {
                // The first to end: the body, or a service that failed.
                _ = try await group.next()
            } catch is Finished {
            }
            group.cancelAll()
        }
    }

    func person(_ name: String) async throws -> PersonID {
        try await database.findOrCreatePerson(name: name).id
    }

    func dm(of person: PersonID) async throws -> ChannelID {
        try await database.dmChannel(of: person).id
    }

    func say(
        _ text: String, by person: PersonID, onBehalfBy other: PersonID? = nil, in channel: ChannelID,
        conversation: ConversationID? = nil, id: String = UUID().uuidString
    ) async throws -> Receipt {
        try await service.submit(
            InboundMessage(
                channel: channel, conversation: conversation, author: person, onBehalfBy: other, text: text,
                surface: "test", clientID: id))
    }

    /// The next answer or notice after `sequence`.
    func answer(in conversation: ConversationID, for person: PersonID, after sequence: Int64 = 0) async throws -> Entry?
    {
        for await event in try await service.events(of: conversation, after: sequence, for: person) {
            if case .entry(let entry) = event, entry.kind != .user { return entry }
        }
        return nil
    }

    private struct Finished: Error {}
}

struct NoDoors: ModelDoors {
    func assign(_ compartment: CompartmentID, to session: SessionDescription) async {}
    func grant(_ leave: TurnLeave, for turn: MessageID, of session: SessionDescription) async {}
    func move(_ turn: MessageID, of session: SessionID, to tier: RouteTier) async {}
    func revoke(_ turn: MessageID, of session: SessionID) async {}
    func close(_ compartment: CompartmentID, of session: SessionID) async {}
}

/// The agent's end of a compartment: what a loop would do, as a closure.
struct ScriptedAgent: Sendable {
    typealias Script = @Sendable (ScriptedAgent) async throws -> Void

    let client: ClientSession

    /// Waits for messages; `nil` when told to cancel.
    func receive(wait: Bool = true) async throws -> [String]? {
        let result = try await client.callTool("receive", arguments: ["wait": .bool(wait)])
        let messages = result.structuredContent?["messages"]?.arrayValue ?? []
        if messages.contains(where: { $0["kind"] == "cancel" }) { return nil }
        return messages.compactMap { $0["text"]?.stringValue }
    }

    @discardableResult
    func reply(_ text: String) async throws -> CallToolResult {
        try await client.callTool("reply", arguments: ["text": .string(text)])
    }
}

final class ScriptedCompartments: CompartmentSource {
    private let script: ScriptedAgent.Script
    private let jobs: AsyncStream<@Sendable () async -> Void>
    private let submit: AsyncStream<@Sendable () async -> Void>.Continuation
    let taken = Reloadable(0)

    init(script: @escaping ScriptedAgent.Script) {
        self.script = script
        (jobs, submit) = AsyncStream.makeStream()
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask(operation: job) }
        }
    }

    func discardScratch(of session: SessionID) async throws {}
    func scratches(after session: SessionID?) async throws -> [SessionID] { [] }

    func take(for session: SessionID) async throws -> any SessionCompartment {
        taken.replace(with: taken.current + 1)
        let (harness, agent) = InMemoryTransport.pair()
        let client = ClientSession(info: Implementation(name: "script", version: "1"), transport: agent)
        let script = script
        submit.yield {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await client.run() }
                group.addTask {
                    _ = try? await client.connect(timeout: .seconds(10))
                    try? await script(ScriptedAgent(client: client))
                    agent.close()
                }
                await group.waitForAll()
            }
        }
        return ScriptedCompartment(
            id: CompartmentID(trusted: "box-\(taken.current)"), agentTransport: harness)
    }
}

struct ScriptedCompartment: SessionCompartment {
    let id: CompartmentID
    let agentTransport: any MessageTransport

    func workspace(volumes: [VolumeGrant]) async throws -> ClientSession {
        throw ChatError(.unavailable, "this test has no workspace")
    }

    func serveEgress(_ serve: (@Sendable (CInt) async -> Void)?) async throws {}

    func errand(
        deadline: Duration, egress serve: (@Sendable (CInt) async -> Void)?,
        _ body: @escaping @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult {
        throw ChatError(.unavailable, "this test has no workspace")
    }

    func whyAgentEnded() async -> String { "The assistant's process ended." }
    func whyWorkspaceEnded() async -> String { "The sandbox ended." }

    /// As slow as a container's removal: nothing may depend on its being quick.
    func end() async {
        agentTransport.close()
        try? await Task.sleep(for: .milliseconds(300))
    }
}
