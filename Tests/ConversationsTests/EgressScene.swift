import Audit
import Conversations
import Egress
import Foundation
import GRDB
import Harness
import Logging
import MCP
import Model
import NetworkRules
import Policy
import Store
import Synchronization
import Testing

/// Doors that nobody serves: what they were told.
final class FakeDoors: EgressDoors {
    struct Told: Sendable {
        var open: [String] = []
        var closed: [String] = []
        var rechecks = 0
    }

    private let state = Mutex(Told())

    var told: Told { state.withLock { $0 } }

    func open(door listening: CInt, for session: SessionID, name: EgressDoorName) async throws {
        state.withLock { $0.open.append("\(session)/\(name)") }
    }

    func close(_ session: SessionID, name: EgressDoorName) async {
        state.withLock { told in
            told.open.removeAll { $0 == "\(session)/\(name)" }
            told.closed.append("\(session)/\(name)")
        }
    }

    func end(_ session: SessionID) async {
        state.withLock { told in
            told.open.removeAll { $0.hasPrefix("\(session)/") }
            told.closed.append("\(session)")
        }
    }

    func recheck(_ session: SessionID?) async { state.withLock { $0.rechecks += 1 } }
}

/// A compartment with a container from the start, whose door is descriptor -1.
final class FakeCompartment: SessionCompartment {
    let id = CompartmentID(trusted: "box")
    let agentTransport: any MessageTransport = InMemoryTransport.pair().0
    private let door = Mutex<(@Sendable (CInt) async -> Void)?>(nil)

    var hasDoor: Bool { door.withLock { $0 != nil } }

    func serveEgress(_ serve: (@Sendable (CInt) async -> Void)?) async throws {
        door.withLock { $0 = serve }
        await serve?(-1)
    }

    /// As after its container died.
    func startAgain() async {
        let serve = door.withLock { $0 }
        await serve?(-1)
    }

    func workspace(volumes: [VolumeGrant]) async throws -> ClientSession {
        throw ChatError(.unavailable, "this test has no workspace")
    }

    func errand(
        deadline: Duration, egress serve: (@Sendable (CInt) async -> Void)?,
        _ body: @escaping @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult {
        throw ChatError(.unavailable, "this test has no workspace")
    }

    func whyAgentEnded() async -> String { "" }
    func whyWorkspaceEnded() async -> String { "" }
    func end() async {}
}

final class Announcements: EgressAnnouncer {
    private let state = Mutex<[String]>([])

    var all: [String] { state.withLock { $0 } }

    func announceEgress(_ text: String, in conversation: ConversationID, of session: SessionID) async {
        state.withLock { $0.append(text) }
    }
}

/// The desk over a real store, with Ada's session in a room, and Ben, who is an admin.
struct EgressScene: Sendable {
    let directory: String
    let database: Store.Database
    let audit: AuditLog
    let pauses: PauseBoard
    let policy: PolicyStore
    let desk: EgressDesk
    let book: EgressGrantBook
    let doors = FakeDoors()
    let said = Announcements()
    let ada: PersonID
    let ben: PersonID
    let room: ChannelID
    let session: SessionRecord

    init(policy text: String = "") async throws {
        directory = NSTemporaryDirectory() + "egress-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        database = try Store.Database(directory: directory, logger: Logger(label: "test"))
        audit = try await AuditLog.open(database)
        pauses = try await PauseBoard.open(database, audit: audit)
        try ("version: 1\n" + text).write(toFile: directory + "/policy.yaml", atomically: true, encoding: .utf8)
        policy = try PolicyStore(path: directory + "/policy.yaml")
        let desk = EgressDesk(
            database: database, policy: policy, audit: audit, pauses: pauses, redactor: NoRedaction(),
            logger: Logger(label: "test"))
        self.desk = desk
        book = EgressGrantBook(database: database, audit: audit) { await desk.reconsider() }
        await desk.connect(doors, announcer: said)
        ada = try await database.findOrCreatePerson(name: "Ada").id
        ben = try await database.findOrCreatePerson(name: "Ben", role: .admin).id
        room = try await database.createRoom(named: "sales", by: ada).id
        let conversation = try await database.acceptInbound(
            InboundDraft(channel: room, author: ada, text: "go", surface: "test", eventID: "e1")
        ).message.conversation
        session = try await database.startSession(conversation: conversation, requester: ada)
    }

    static let entry = ["domain": ["files.example.com"]]

    @discardableResult
    func allow(_ scope: EgressScope = .company) async throws -> EgressGrantRecord {
        try await book.allow(EgressGrantDraft(entry: Self.entry, scope: scope, reason: "reports"), by: ben)
    }

    func request(
        _ host: String = "files.example.com", door: EgressDoorName = .workspace
    ) throws -> EgressRequest {
        EgressRequest(
            session: session.id, door: door,
            target: Authority(host: try #require(HostName(host)), port: 443))
    }

    /// Why it is refused; `nil` where it is allowed.
    func refusal(_ host: String = "files.example.com", door: EgressDoorName = .workspace) async throws -> String? {
        switch try await desk.decide(try request(host, door: door)) {
        case .allow: nil
        case .refuse(let reason): reason
        }
    }

    var labels: Labels {
        get async throws { try await database.session(session.id)?.labels ?? [] }
    }

    func connections() async throws -> [AuditEntry] {
        var filter = AuditFilter()
        filter.event = "egress.connection"
        return try await audit.rows(matching: filter)
    }

    /// Runs SQL as anybody with the file could, past the store.
    func tamper(_ sql: String) throws {
        // Whoever else writes at that moment is waited for.
        var patient = Configuration()
        patient.busyMode = .timeout(20)
        let queue = try DatabaseQueue(path: directory + "/bulkhead.sqlite", configuration: patient)
        try queue.write { db in try db.execute(sql: sql) }
        try queue.close()
    }
}
