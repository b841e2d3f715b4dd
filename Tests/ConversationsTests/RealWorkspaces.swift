@testable import Conversations
import Foundation
import Harness
import MCP
import Model
import Store
import Synchronization
import Testing
import ToolServers
import WorkspaceTools

/// Compartments whose workspace is the real tool server, in this process and over a folder of the test's own.
final class RealWorkspaces: CompartmentSource {
    let inner: ScriptedCompartments
    let root: String
    /// True: no workspace is to be had.
    let isBroken: Reloadable<Bool>
    /// In place of the real tools.
    let provider: (any ToolProvider)?

    init(
        _ inner: ScriptedCompartments, root: String, isBroken: Reloadable<Bool>, provider: (any ToolProvider)? = nil
    ) {
        self.inner = inner
        self.provider = provider
        self.root = root
        self.isBroken = isBroken
    }

    func take(for session: SessionID) async throws -> any SessionCompartment {
        RealCompartment(
            inner: try await inner.take(for: session), root: root, isBroken: isBroken, provider: provider)
    }

    func discardScratch(of session: SessionID) async throws {}
    func scratches(after session: SessionID?) async throws -> [SessionID] { [] }
}

actor RealCompartment: SessionCompartment {
    nonisolated let inner: any SessionCompartment
    private let root: String
    private let isBroken: Reloadable<Bool>
    private let provider: (any ToolProvider)?
    private var client: ClientSession?
    private var tasks: [Task<Void, Never>] = []

    init(inner: any SessionCompartment, root: String, isBroken: Reloadable<Bool>, provider: (any ToolProvider)?) {
        self.inner = inner
        self.provider = provider
        self.root = root
        self.isBroken = isBroken
    }

    nonisolated var id: CompartmentID { inner.id }
    nonisolated var agentTransport: any MessageTransport { inner.agentTransport }

    func workspace(volumes: [VolumeGrant]) async throws -> ClientSession {
        guard !isBroken.current else { throw ChatError(.unavailable, "no sandbox is to be had") }
        if let client { return client }
        let client = try open()
        self.client = client
        _ = try await client.connect(timeout: .seconds(10))
        return client
    }

    func serveEgress(_ serve: (@Sendable (CInt) async -> Void)?) async throws {}

    /// Tools of their own on the same files.
    func errand(
        deadline: Duration, egress serve: (@Sendable (CInt) async -> Void)?,
        _ body: @escaping @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult {
        let client = try open()
        _ = try await client.connect(timeout: .seconds(10))
        // No descriptor: what is served is counted, not used.
        await serve?(-1)
        return try await body(client)
    }

    private func open() throws -> ClientSession {
        let (ours, theirs) = InMemoryTransport.pair()
        let server = ServerSession(
            info: Implementation(name: "workspace", version: "1"),
            provider: try provider
                ?? WorkspaceServer(workspace: try Workspace(root: root), environment: ["PATH": "/usr/bin:/bin"]),
            transport: theirs)
        let client = ClientSession(info: Implementation(name: "bulkhead", version: "1"), transport: ours)
        tasks += [Task { try? await server.run() }, Task { try? await client.run() }]
        return client
    }

    nonisolated func whyAgentEnded() async -> String { await inner.whyAgentEnded() }
    nonisolated func whyWorkspaceEnded() async -> String { await inner.whyWorkspaceEnded() }

    func end() async {
        for task in tasks { task.cancel() }
        await inner.end()
    }
}

/// One conversation over a real workspace. Each message is a list of tool calls that the agent makes one after the other.
struct Workbench: Sendable {
    let stage: Stage
    let root: String
    let isBroken: Reloadable<Bool>

    struct Call: Sendable {
        var tool: String
        var arguments: JSONObject

        init(_ tool: String, _ arguments: JSONObject) {
            self.tool = tool
            self.arguments = arguments
        }
    }

    init(
        directory: String? = nil, root: String? = nil, policy: String? = nil, servers: [any ToolServer] = [],
        limits: ConversationLimits = ConversationLimits(), errands: Errands? = nil,
        provider: (any ToolProvider)? = nil
    ) async throws {
        let folder = root ?? NSTemporaryDirectory() + "bench-" + UUID().uuidString
        for name in ["thread", "user", "session", "group/shared"] {
            try FileManager.default.createDirectory(
                atPath: folder + "/" + name, withIntermediateDirectories: true)
        }
        let isBroken = Reloadable(false)
        self.root = folder
        self.isBroken = isBroken
        stage = try await Stage(
            directory: directory, limits: limits, policy: policy, servers: servers, errands: errands,
            compartments: { RealWorkspaces($0, root: folder, isBroken: isBroken, provider: provider) },
            agent: Self.doing)
    }

    /// Replies with what the calls came to.
    private static let doing: ScriptedAgent.Script = { agent in
        while true {
            guard let texts = try await agent.receive() else { continue }
            var results: [String] = []
            for text in texts {
                for call in (try? JSONValue(parsing: Array(text.utf8)))?.arrayValue ?? [] {
                    let name = call["tool"]?.stringValue ?? ""
                    let arguments = call["arguments"]?.objectValue ?? [:]
                    results.append(try await agent.client.callTool(name, arguments: arguments).text)
                }
            }
            try await agent.reply(results.joined(separator: "\n---\n"))
        }
    }

    func say(
        _ calls: [Call], by person: PersonID, onBehalfBy admin: PersonID? = nil, in channel: ChannelID? = nil,
        conversation: ConversationID? = nil
    ) async throws -> Receipt {
        let list = JSONValue.array(calls.map { ["tool": .string($0.tool), "arguments": .object($0.arguments)] })
        let place: ChannelID
        if let channel { place = channel } else { place = try await stage.dm(of: person) }
        return try await stage.say(
            list.text, by: person, onBehalfBy: admin, in: place, conversation: conversation)
    }

    /// The answer to what `receipt` says.
    func answer(to receipt: Receipt, for person: PersonID) async throws -> Entry {
        for await event in try await stage.service.events(of: receipt.conversation, after: 0, for: person) {
            if case .entry(let entry) = event, entry.inReplyTo == receipt.message { return entry }
        }
        throw ChatError(.unavailable, "no answer came")
    }

    @discardableResult
    func run(
        _ calls: [Call], by person: PersonID, in channel: ChannelID? = nil, conversation: ConversationID? = nil
    ) async throws -> (conversation: ConversationID, entry: Entry) {
        let receipt = try await say(calls, by: person, in: channel, conversation: conversation)
        let entry = try await answer(to: receipt, for: person)
        // The turn is over a moment after its answer.
        while await stage.service.busy.contains(receipt.conversation) { await Task.yield() }
        return (receipt.conversation, entry)
    }

    /// Waits for the question that `receipt` leads to.
    func question(of receipt: Receipt, for person: PersonID) async throws -> ApprovalView {
        for await event in try await stage.service.events(of: receipt.conversation, after: 0, for: person) {
            if case .approval(let approval) = event { return approval }
            if let live = try await stage.service.conversation(receipt.conversation, for: person).live,
                let first = live.approvals.first
            {
                return first
            }
        }
        throw ChatError(.unavailable, "no question came")
    }

    func read(_ path: String) -> String? {
        try? String(contentsOfFile: "\(root)/thread/\(path)", encoding: .utf8)
    }

    func put(_ path: String, _ text: String) throws {
        try text.write(toFile: "\(root)/thread/\(path)", atomically: true, encoding: .utf8)
    }

    func remove(_ path: String) throws {
        try FileManager.default.removeItem(atPath: "\(root)/thread/\(path)")
    }
}
