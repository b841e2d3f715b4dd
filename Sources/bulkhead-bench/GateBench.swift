import Audit
import Glibc
import Harness
import MCP
import Model
import Store
import ToolServers

/// A gate over a database of its own, and agents that call through it.
struct GateBench: Sendable {
    let database: Store.Database
    private let audit: AuditLog
    private let policy: PolicyStore
    private let person: PersonRecord
    private let room: ChannelRecord
    private let identifiers = IdentifierSource()

    init(directory: String) async throws {
        database = try Store.Database(directory: directory)
        audit = try await AuditLog.open(database)
        let path = directory + "/policy.yaml"
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let text = Array("version: 1\n".utf8)
        guard file >= 0, write(file, text, text.count) == text.count else { throw BenchError("cannot write \(path)") }
        Glibc.close(file)
        policy = try PolicyStore(path: path)
        person = try await database.findOrCreatePerson(name: "bench")
        room = try await database.createRoom(named: "bench", by: person.id)
    }

    func close() { database.close() }

    /// Runs `body` with the database at its work.
    func withDatabase<Result: Sendable>(_ body: @Sendable @escaping () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await database.run()
                return nil
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw BenchError("the database ended")
        }
    }

    struct NoOp: ToolServer {
        let tools = [RegisteredTool(tool: Tool(name: "noop"), effect: .read, server: "bench")]

        func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
            .text("done")
        }
    }

    private struct Nobody: Approver, OversizeKeeper {
        func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer { .expired }
        func keep(_ text: String, call: CallRequest) async throws -> String { "nowhere" }
    }

    /// What an agent sees: every call passes the gate.
    private struct Gated: ToolProvider {
        let gate: Gate
        let registry: ToolRegistry
        let identifiers: IdentifierSource
        let request: CallRequest

        func listTools(cursor: String?) async throws -> ToolPage { ToolPage(tools: registry.tools.map(\.tool)) }

        func callTool(
            _ name: String, arguments: JSONObject, context: RequestContext
        ) async throws -> CallToolResult {
            var call = request
            (call.id, call.tool, call.arguments) = (identifiers.make(), name, arguments)
            return await gate.call(call, in: registry).result
        }
    }

    /// An agent's session: its MCP client at one end of a socket, the gate's server at the other.
    struct Session: Sendable {
        fileprivate let provider: any ToolProvider

        func use<Result: Sendable>(
            _ body: @Sendable @escaping (ClientSession) async throws -> Result
        ) async throws -> Result {
            var pair: [CInt] = [-1, -1]
            guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
                throw BenchError("no socket pair")
            }
            let near = DescriptorTransport(reading: pair[0], writing: pair[0])
            let far = DescriptorTransport(reading: pair[1], writing: pair[1])
            let server = ServerSession(
                info: Implementation(name: "gate", version: "1"), provider: provider, transport: far)
            async let serving: Void = server.run()
            let result = try await GateBench.withClient(near, probes: true, body)
            try await serving
            return result
        }
    }

    func session(_ servers: [any ToolServer] = [NoOp()]) async throws -> Session {
        let message = try await database.acceptInbound(
            InboundDraft(
                channel: room.id, author: person.id, text: "hello", surface: "bench",
                eventID: identifiers.make(Session.self).rawValue)
        ).message
        let session = try await database.startSession(conversation: message.conversation, requester: person.id)
        let gate = Gate(
            policy: policy, audit: audit, approver: Nobody(), standing: database,
            pauses: try await PauseBoard.open(database, audit: audit), keeper: Nobody())
        let request = CallRequest(
            id: identifiers.make(), session: session.id, conversation: session.conversation,
            channel: session.channel, requester: person.id, requesterName: person.name, role: .member, mode: .auto,
            labels: [], audience: .channel(session.channel), tool: "", arguments: [:])
        return Session(
            provider: Gated(
                gate: gate, registry: try ToolRegistry(servers: servers), identifiers: identifiers, request: request))
    }

    /// Stores a message, durably.
    func store(_ text: String) async throws {
        _ = try await database.acceptInbound(
            InboundDraft(
                channel: room.id, author: person.id, text: text, surface: "bench",
                eventID: identifiers.make(Session.self).rawValue))
    }

    /// A call that has to succeed: a refusal is quick, and would make a fine figure.
    static func call(_ client: ClientSession, _ tool: String, _ arguments: JSONObject = [:]) async throws {
        let result = try await client.callTool(tool, arguments: arguments)
        guard !result.isError else { throw BenchError("\(tool) failed: \(result.text)") }
    }

    static func withClient<Result: Sendable>(
        _ transport: any MessageTransport, probes: Bool,
        _ body: @Sendable @escaping (ClientSession) async throws -> Result
    ) async throws -> Result {
        let client = ClientSession(info: Implementation(name: "bench", version: "1"), transport: transport)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try? await client.run()
                return nil
            }
            do {
                _ = try await client.connect(probes: probes)
                let result = try await body(client)
                await client.close()
                return result
            } catch {
                await client.close()
                throw error
            }
        }
    }
}
