import Audit
import Foundation
import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import ToolServers

final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "bulkhead-\(UUID())").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Tools that do as they are told, and remember that they ran.
final class FakeServer: ToolServer {
    typealias Body = @Sendable (JSONObject) async throws -> CallToolResult

    let tools: [RegisteredTool]
    let ran = Mutex<[String]>([])
    let ranInCleanShell = Mutex<[Bool]>([])
    private let bodies: [String: Body]

    init(_ entries: [(String, Effect, Body)]) {
        tools = entries.map { name, effect, _ in
            RegisteredTool(
                tool: Tool(
                    name: name,
                    inputSchema: [
                        "type": "object", "properties": ["text": ["type": "string"], "command": ["type": "string"]],
                        "additionalProperties": false,
                    ]), effect: effect, server: "fake", runsCommands: name == "bash")
        }
        bodies = Dictionary(uniqueKeysWithValues: entries.map { ($0.0, $0.2) })
    }

    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        ran.withLock { $0.append(name) }
        ranInCleanShell.withLock { $0.append(context.needsCleanShell) }
        return try await bodies[name]?(arguments) ?? .failure("no such tool")
    }
}

/// Answers as the test says; remembers what it was asked.
final class FakeApprover: Approver {
    typealias Body = @Sendable (ApprovalRequest) async throws -> ApprovalAnswer

    let asked = Mutex<[ApprovalRequest]>([])
    private let body: Body

    init(_ body: @escaping Body = { _ in .expired }) {
        self.body = body
    }

    func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer {
        asked.withLock { $0.append(request) }
        return try await body(request)
    }
}

struct FakeKeeper: OversizeKeeper {
    var fails = false

    func keep(_ text: String, call: CallRequest) async throws -> String {
        if fails { throw StoreError(.full, "the disk is full") }
        return "/workspace/session/results/\(call.id).txt"
    }
}

/// A gate over a real database, with one session of anna's in a room with ben.
struct GateFixture: Sendable {
    let folder = TemporaryFolder()
    let database: Store.Database
    let audit: AuditLog
    let policy: PolicyStore
    let pauses: PauseBoard
    let anna: PersonRecord
    let ben: PersonRecord
    let session: SessionRecord
    let identifiers = IdentifierSource()

    init(policy text: String = "version: 1", maximumPages: Int? = nil) async throws {
        database = try Store.Database(directory: folder.path, maximumPages: maximumPages)
        audit = try await AuditLog.open(database)
        pauses = try await PauseBoard.open(database, audit: audit)
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/policy.yaml"))
        policy = try PolicyStore(path: folder.path + "/policy.yaml")
        anna = try await database.findOrCreatePerson(name: "anna")
        ben = try await database.findOrCreatePerson(name: "ben", role: .admin)
        let room = try await database.createRoom(named: "sales", by: anna.id)
        let message = try await database.acceptInbound(
            InboundDraft(channel: room.id, author: anna.id, text: "hi", surface: "web", eventID: "1")
        ).message
        session = try await database.startSession(conversation: message.conversation, requester: anna.id)
    }

    func setPolicy(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/policy.yaml"))
        _ = try policy.reload()
    }

    func gate(
        approver: FakeApprover = FakeApprover(), keeper: FakeKeeper = FakeKeeper(),
        hooks: (any ToolHooks)? = nil, clock: any Clock<Duration> = ContinuousClock()
    ) -> Gate {
        Gate(
            policy: policy, audit: audit, approver: approver, standing: database, pauses: pauses,
            keeper: keeper, hooks: hooks, clock: clock)
    }

    func request(
        _ tool: String, _ arguments: JSONObject = [:], mode: Mode = .auto, labels: Labels = [], role: Role = .member
    ) -> CallRequest {
        CallRequest(
            id: identifiers.make(), session: session.id, conversation: session.conversation, channel: session.channel,
            requester: anna.id, requesterName: anna.name, role: role, mode: mode, labels: labels,
            audience: .channel(session.channel), tool: tool, arguments: arguments)
    }

    func rows() async throws -> [AuditEntry] {
        try await audit.rows(matching: AuditFilter())
    }
}

/// A clock on which every wait is over at once.
struct ImmediateClock: Clock {
    struct Instant: InstantProtocol {
        var offset = Duration.zero

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    var now: Instant { Instant() }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
    }
}
