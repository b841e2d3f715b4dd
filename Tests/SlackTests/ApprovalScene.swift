import Audit
import Foundation
import Harness
import Logging
import MCP
import Model
import Policy
import Slack
import SlackText
import Store
import Testing

@testable import Conversations

/// Ada, Ben (an admin) and Cleo, who are in Slack; the gate's desk and its store as they are; and a Slack that remembers.
struct ApprovalScene: Sendable {
    static let thread = SlackTimestamp("1700000000.000100") ?? SlackTimestamp(Timestamp(milliseconds: 0))

    let database: Database
    let desk: ApprovalDesk
    let slack = RememberingSlack()
    let approvals: SlackApprovals
    let ada: PersonID
    let ben: PersonID
    let cleo: PersonID
    /// In a room, at home in the thread C0ROOM/1700000000.000100; and in Ada's direct channel, at home in D0ADA.
    let room: ConversationID
    let direct: ConversationID
    let roomSession: SessionID
    let directSession: SessionID

    let directory: String

    init() async throws {
        directory = NSTemporaryDirectory() + "slack-approvals-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let database = try Database(directory: directory, logger: logger)
        self.database = database
        let hub = EventHub()
        let desk = ApprovalDesk(
            database: database, hub: hub, audit: try await AuditLog.open(database), redactor: HidesNumbers(),
            clock: .system, limits: Reloadable(ConversationLimits()))
        self.desk = desk
        let ada = try await database.findOrCreatePerson(name: "Ada").id
        let ben = try await database.findOrCreatePerson(name: "Ben", role: .admin).id
        let cleo = try await database.findOrCreatePerson(name: "Cleo").id
        for (person, user) in [(ada, "U0ADA"), (ben, "U0BEN"), (cleo, "U0CLEO")] {
            try await database.saveAccount(user, on: HomeRecord.slack, called: user, of: person)
        }
        let channel = try await database.createRoom(named: "general", by: ada).id
        try await database.addMember(cleo, to: channel)
        func conversation(_ channel: ChannelID, _ address: String) async throws -> (ConversationID, SessionID) {
            let message = try await database.acceptInbound(
                InboundDraft(
                    channel: channel, author: ada, text: "go", surface: HomeRecord.slack,
                    eventID: UUID().uuidString)
            ).message
            try await database.setHome(of: message.conversation, surface: HomeRecord.slack, address: address)
            let session = try await database.startSession(conversation: message.conversation, requester: ada).id
            return (message.conversation, session)
        }
        (self.ada, self.ben, self.cleo) = (ada, ben, cleo)
        (room, roomSession) = try await conversation(channel, "C0ROOM/\(Self.thread.text)")
        (direct, directSession) = try await conversation(try await database.dmChannel(of: ada).id, "D0ADA")
        let people = ["U0ADA": ada, "U0BEN": ben, "U0CLEO": cleo]
        approvals = SlackApprovals(
            database: database, board: DeskBoard(desk: desk, hub: hub), slack: slack,
            clicks: ClickAnswers(slack: slack, logger: logger) { people[$0] }, logger: logger)
    }

    /// Another process on the same database: it knows nothing but what is stored.
    func restarted() async throws -> SlackApprovals {
        let people = ["U0ADA": ada, "U0BEN": ben, "U0CLEO": cleo]
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return SlackApprovals(
            database: database, board: DeskBoard(desk: desk, hub: EventHub()), slack: slack,
            clicks: ClickAnswers(slack: slack, logger: logger) { people[$0] }, logger: logger)
    }

    func question(
        _ approvers: Approvers = .requester, in conversation: ConversationID? = nil, labels: Labels = [],
        expires: Duration = .seconds(600)
    ) async throws -> ApprovalID {
        let conversation = conversation ?? room
        return try await database.createApproval(
            ApprovalDraft(
                call: CallID(trusted: UUID().uuidString.lowercased()),
                session: conversation == room ? roomSession : directSession, conversation: conversation, requester: ada,
                tool: "send", effect: .external, arguments: #"{"to":"x@example.org","secret":"4711"}"#,
                argumentsDigest: "d", policyDigest: "p", rule: "r", reason: "a test", approvers: approvers.rawValue,
                expires: WallClock.system.now().advanced(by: expires), labels: labels)
        ).id
    }

    func click(
        _ action: SlackAction, _ id: ApprovalID, by user: String, at address: SlackAddress? = nil
    ) async throws {
        try await approvals.clicked(
            SlackClick(
                action: action, value: id.rawValue, user: user,
                place: .message(address ?? SlackAddress(channel: "C0ROOM", thread: Self.thread), Self.thread),
                trigger: SlackTrigger(id: "t", received: WallClock.system.now())))
    }

    func state(_ id: ApprovalID) async throws -> ApprovalRecord.State? { try await database.approval(id)?.state }
}

/// The desk as `ConversationService` has it.
struct DeskBoard: QuestionBoard {
    let desk: ApprovalDesk
    let hub: EventHub

    func question(_ id: ApprovalID, for person: PersonID) async throws -> ApprovalView? {
        try await desk.question(id, for: person)
    }

    func circle(of id: ApprovalID, among people: [PersonID]) async throws -> QuestionCircle? {
        try await desk.circle(of: id, among: people)
    }

    func answer(
        _ approval: ApprovalID, allow: Bool, scope: GrantScope?, reason: String?, by person: PersonID
    ) async throws {
        try await desk.answer(approval, allow: allow, scope: scope, reason: reason, by: person)
    }

    func questionsChanged() -> AsyncStream<Void> { hub.questionsChanged() }
}

/// Those who look on do not see numbers.
struct HidesNumbers: CallRedactor {
    func redacted(
        _ arguments: JSONObject, of tool: String, secret: Set<String>, for requester: PersonID?
    ) -> (arguments: JSONObject, hasChanged: Bool) {
        (JSONObject(arguments.map { ($0.key, $0.key == "secret" ? "hidden" : $0.value) }), true)
    }
    func redacted(_ text: String, for requester: PersonID?) -> String { text }
    func digest(of arguments: JSONObject) -> String { "digest" }
}

/// Keeps what is there, and fails as it is told.
actor RememberingSlack: SlackCardPlace {
    struct Card: Sendable {
        var channel: String
        var thread: String?
        var ts: SlackTimestamp
        var marker: String
        var message: BlockMessage
    }

    struct Failure: Error {}

    private(set) var cards: [Card] = []
    private(set) var told: [(user: String, sentence: String)] = []
    private(set) var views: [JSONValue] = []
    private(set) var posts = 0
    /// It is posted, and the answer is lost.
    var losesAnswers = false
    var isDown = false
    var opensNothing = false
    /// Nothing is heard of a window that was to be opened.
    var hangs = false

    func lose(_ value: Bool) { losesAnswers = value }
    func down(_ value: Bool) { isDown = value }
    func refuseViews() { opensNothing = true }
    func hang() { hangs = true }

    func post(_ message: BlockMessage, at address: SlackAddress, marker: String) async throws -> SlackTimestamp? {
        if isDown { throw Failure() }
        posts += 1
        guard let ts = SlackTimestamp("1700000001.\(100_000 + posts)") else { throw Failure() }
        cards.append(
            Card(
                channel: address.channel, thread: address.thread?.text, ts: ts, marker: marker, message: message))
        if losesAnswers { throw Failure() }
        return ts
    }

    func find(marker: String, at address: SlackAddress, since time: Timestamp) async throws -> SlackTimestamp? {
        if isDown { throw Failure() }
        return cards.first { $0.marker == marker && $0.channel == address.channel }?.ts
    }

    func update(_ message: BlockMessage, in channel: String, ts: SlackTimestamp) async throws -> Bool {
        if isDown { throw Failure() }
        guard let index = cards.firstIndex(where: { $0.channel == channel && $0.ts == ts }) else { return false }
        cards[index].message = message
        return true
    }

    func direct(to user: String) async throws -> String? {
        if isDown { throw Failure() }
        return "D" + user.dropFirst()
    }

    func tell(_ sentence: String, user: String, at address: SlackAddress?) async throws {
        told.append((user, sentence))
    }

    func open(_ view: JSONValue, trigger: String) async throws {
        if opensNothing { throw Failure() }
        if hangs { try await Task.sleep(for: .seconds(3600)) }
        views.append(view)
    }

    /// Everything that is shown in a channel, as JSON.
    func shown(in channel: String) -> String {
        cards.filter { $0.channel == channel }.map { JSONValue.array($0.message.blocks).text }.joined(separator: "\n")
    }

    var channels: [String] { cards.map(\.channel).sorted() }
}
