import Audit
import Conversations
import Foundation
import Harness
import Hooks
import Logging
import MCP
import Model
import Policy
import Routing
import Store
import Synchronization

extension ConversationService {
    /// Over a real store, with agents that are scripts.
    static func scripted(
        _ database: Database, agents: ScriptedAgents, hub: EventHub = EventHub(), directory: String,
        hooksAreGone: Bool = false, limits: ConversationLimits = ConversationLimits(), logger: Logger
    ) async throws -> ConversationService {
        let policyFile = directory + "/policy.yaml"
        if !FileManager.default.fileExists(atPath: policyFile) {
            try Policy.standardText.write(toFile: policyFile, atomically: true, encoding: .utf8)
        }
        let audit = try await AuditLog.open(database)
        // One that has to be asked of every message, and cannot be: nothing comes in.
        let hooks = HookDesk(
            plan: HookPlan(hooks: [.messageIn: ["gone"]]), starter: NoHooks(), audit: audit, key: .ephemeral)
        return ConversationService(
            ConversationService.Parts(
                database: database, policy: try PolicyStore(path: policyFile), audit: audit,
                pauses: try await PauseBoard.open(database, audit: audit), compartments: agents, doors: NoDoors(),
                hub: hub, composer: ContextComposer(assistantName: "Bulkhead"),
                limits: Reloadable(limits), gateLimits: Reloadable(GateLimits()),
                hooks: hooksAreGone ? hooks : nil, logger: logger))
    }
}

private struct NoHooks: HookStarter {
    struct Gone: Error {}
    func check(_ name: String) async throws { throw Gone() }
    func start(_ name: String) async throws -> HookStreams { throw Gone() }
}

struct NoDoors: ModelDoors {
    func assign(_ compartment: CompartmentID, to session: SessionDescription) async {}
    func grant(_ leave: TurnLeave, for turn: MessageID, of session: SessionDescription) async {}
    func move(_ turn: MessageID, of session: SessionID, to tier: RouteTier) async {}
    func revoke(_ turn: MessageID, of session: SessionID) async {}
    func close(_ compartment: CompartmentID, of session: SessionID) async {}
}

/// Agents that note what they are given and answer; "hold" waits for another message first.
final class ScriptedAgents: CompartmentSource {
    /// What is said to all that was given at a time.
    typealias Answer = @Sendable ([String]) async throws -> String

    private let answer: Answer
    let received = Mutex<[JSONValue]>([])
    private let jobs: AsyncStream<@Sendable () async -> Void>
    private let submit: AsyncStream<@Sendable () async -> Void>.Continuation

    init(answer: @escaping Answer = { "re: \($0.last ?? "")" }) {
        (jobs, submit) = AsyncStream.makeStream()
        self.answer = answer
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask(operation: job) }
        }
    }

    func discardScratch(of session: SessionID) async throws {}
    func scratches(after session: SessionID?) async throws -> [SessionID] { [] }

    func take(for session: SessionID) async throws -> any SessionCompartment {
        let (harness, agent) = InMemoryTransport.pair()
        let client = ClientSession(info: Implementation(name: "script", version: "1"), transport: agent)
        submit.yield {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await client.run() }
                group.addTask {
                    _ = try? await client.connect(timeout: .seconds(10))
                    try? await self.work(client)
                    agent.close()
                }
                await group.waitForAll()
            }
        }
        return ScriptedCompartment(id: CompartmentID(trusted: "box-\(session)"), agentTransport: harness)
    }

    private func work(_ client: ClientSession) async throws {
        while true {
            var said = try await receive(client, wait: true)
            while said.last == "hold" {
                let more = try await receive(client, wait: false)
                if more.isEmpty { try await Task.sleep(for: .milliseconds(5)) } else { said = more }
            }
            guard !said.isEmpty else { continue }
            _ = try await client.callTool("reply", arguments: ["text": .string(try await answer(said))])
        }
    }

    /// What came; nothing where nothing did, or the turn was cancelled.
    private func receive(_ client: ClientSession, wait: Bool) async throws -> [String] {
        let result = try await client.callTool("receive", arguments: ["wait": .bool(wait)]).structuredContent
        let messages = result?["messages"]?.arrayValue ?? []
        if messages.contains(where: { $0["kind"] == "cancel" }) { return ["cancelled"] }
        received.withLock { list in
            for message in messages {
                var message = message.objectValue ?? [:]
                message["transcript"] = result?["context"]?["transcript"]
                list.append(.object(message))
            }
        }
        return messages.compactMap { $0["text"]?.stringValue }
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
    func end() async { agentTransport.close() }
}
