import Console
import Conversations
import MCP
import Model

/// A `ChatService` in memory that does what messages say: see `FakeTurn`. Everything is in one actor; no clock, no sleep.
actor FakeChat: ChatService {
    static let ada = PersonID(trusted: "p-ada")
    static let ben = PersonID(trusted: "p-ben")
    static let cleo = PersonID(trusted: "p-cleo")
    static let home = ChannelID(trusted: "c-home")
    static let room = ChannelID(trusted: "c-finance")

    private struct Conversation {
        var summary: ConversationSummary
        var entries: [Entry] = []
        var live: LiveTurn?
        var watchers: [Int: AsyncStream<ConversationEvent>.Continuation] = [:]
    }

    private var people: [PersonID: Person]
    private var channelNames: [(id: ChannelID, name: String, kind: ChannelKind)]
    private var order: [ConversationID] = []
    private var conversations: [ConversationID: Conversation] = [:]
    private var files: [AttachmentID: StoredFile] = [:]
    private var receipts: [String: Receipt] = [:]
    private var answers: [ApprovalID: CheckedContinuation<Bool, Never>] = [:]
    private var cancellations: [ConversationID: CheckedContinuation<Void, Never>] = [:]
    private var turns: [Task<Void, Never>] = []
    private var counter = 0
    private let clock: WallClock

    private(set) var submitted: [InboundMessage] = []
    private(set) var answered: [(id: ApprovalID, allow: Bool, by: PersonID)] = []
    /// The scope and the reason of each answer in `answered`.
    private(set) var answeredWith: [(scope: GrantScope?, reason: String?)] = []
    private(set) var given: [GrantView] = []
    private(set) var watcherCount = 0
    private var watcherWaiters: [(target: Int, continuation: CheckedContinuation<Void, Never>)] = []

    init(clock: WallClock = .system) {
        self.clock = clock
        people = [
            Self.ada: Person(id: Self.ada, name: "Ada Lovelace", role: .owner),
            Self.ben: Person(id: Self.ben, name: "Ben Okri", role: .member),
            Self.cleo: Person(id: Self.cleo, name: "Cleo Nguyen", role: .admin),
        ]
        channelNames = [(Self.home, "Ada Lovelace", .dm), (Self.room, "finance", .room)]
    }

    private func next(_ prefix: String) -> String {
        counter += 1
        return "\(prefix)\(counter)"
    }

    func person(_ id: PersonID) throws -> Person {
        guard let person = people[id] else { throw ChatError(.notFound, "There is no such person.") }
        return person
    }

    func channels(for person: PersonID) -> [ChannelSummary] {
        channelNames.map { channel in
            ChannelSummary(
                id: channel.id, name: channel.name, kind: channel.kind,
                conversations: order.reversed().compactMap { conversations[$0]?.summary }
                    .filter { $0.channel == channel.id })
        }
    }

    func createChannel(named name: String, by person: PersonID) throws -> ChannelSummary {
        guard !channelNames.contains(where: { $0.name == name }) else {
            throw ChatError(.conflict, "There is a channel called \(name) already.")
        }
        let id = ChannelID(trusted: next("c-"))
        channelNames.append((id, name, .room))
        return ChannelSummary(id: id, name: name, kind: .room, conversations: [])
    }

    private(set) var members: [ChannelID: Set<PersonID>] = [FakeChat.room: [FakeChat.ada, FakeChat.ben]]

    func members(of channel: ChannelID, for person: PersonID) throws -> [Person] {
        guard let ids = members[channel], ids.contains(person) else {
            throw ChatError(.notFound, "There is no such channel.")
        }
        return ids.compactMap { people[$0] }.sorted { $0.name < $1.name }
    }

    func addMember(_ member: PersonID, to channel: ChannelID, by person: PersonID) throws {
        _ = try members(of: channel, for: person)
        members[channel]?.insert(member)
    }

    func removeMember(_ member: PersonID, from channel: ChannelID, by person: PersonID) throws {
        _ = try members(of: channel, for: person)
        members[channel]?.remove(member)
    }

    /// Who has been shut out of what.
    private var closed: Set<String> = []

    func close(_ conversation: ConversationID, to person: PersonID) {
        closed.insert("\(conversation) \(person)")
    }

    func mayRead(_ conversation: ConversationID, person: PersonID) -> Bool {
        !closed.contains("\(conversation) \(person)")
    }

    func submit(_ message: InboundMessage) throws -> Receipt {
        if let known = receipts[message.surface + message.clientID] { return known }
        guard channelNames.contains(where: { $0.id == message.channel }) else {
            throw ChatError(.notFound, "There is no such channel.")
        }
        submitted.append(message)
        let id = message.conversation ?? ConversationID(trusted: next("t-"))
        if conversations[id] == nil {
            order.append(id)
            conversations[id] = Conversation(
                summary: ConversationSummary(
                    id: id, channel: message.channel, title: String(message.text.prefix(60)), updated: clock.now(),
                    mode: .auto))
        }
        let name = people[message.author]?.name ?? "?"
        let entry = append(.user, author: name, text: message.text, attachments: message.attachments, to: id)
        let receipt = Receipt(message: entry, conversation: id)
        receipts[message.surface + message.clientID] = receipt
        turns.append(Task { await FakeTurn(chat: self, conversation: id, text: message.text).run() })
        return receipt
    }

    func conversation(_ id: ConversationID, for person: PersonID) throws -> ConversationView {
        guard let conversation = conversations[id] else {
            throw ChatError(.notFound, "There is no such conversation, or you may not read it.")
        }
        return ConversationView(
            summary: conversation.summary, entries: conversation.entries, live: conversation.live)
    }

    func events(of id: ConversationID, after sequence: Int64, for person: PersonID) throws
        -> AsyncStream<ConversationEvent>
    {
        guard let conversation = conversations[id] else {
            throw ChatError(.notFound, "There is no such conversation, or you may not read it.")
        }
        let (stream, continuation) = AsyncStream.makeStream(of: ConversationEvent.self)
        for entry in conversation.entries where entry.sequence > sequence { continuation.yield(.entry(entry)) }
        if let live = conversation.live { continuation.yield(.draft(text: live.draft, reset: true)) }
        counter += 1
        let watcher = counter
        conversations[id]?.watchers[watcher] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.left(watcher, id) } }
        watcherCount += 1
        checkWatchers()
        return stream
    }

    private func left(_ watcher: Int, _ id: ConversationID) {
        guard conversations[id]?.watchers.removeValue(forKey: watcher) != nil else { return }
        watcherCount -= 1
        checkWatchers()
    }

    private func checkWatchers() {
        for waiter in watcherWaiters where waiter.target == watcherCount { waiter.continuation.resume() }
        watcherWaiters.removeAll { $0.target == watcherCount }
    }

    /// Returns once that many streams are open.
    func untilWatchers(are count: Int) async {
        if watcherCount == count { return }
        await withCheckedContinuation { watcherWaiters.append((count, $0)) }
    }

    func cancel(_ id: ConversationID, by person: PersonID) {
        cancellations.removeValue(forKey: id)?.resume()
    }

    func undo(
        _ call: CallID, force: Bool, by person: PersonID, onBehalfBy admin: PersonID?
    ) async throws -> UndoReceipt {
        guard call.rawValue != "unknown" else { throw ChatError(.conflict, "bash cannot be undone.") }
        return UndoReceipt(call: CallID(trusted: "u1"), text: "\(call) \(force) \(person) \(admin?.rawValue ?? "-")")
    }

    func tighten(_ id: ConversationID, to mode: Mode, by person: PersonID) throws {
        guard let now = conversations[id]?.summary.mode else { throw ChatError(.notFound, "No such conversation.") }
        let order: [Mode] = [.bypassPermissions, .auto, .acceptEdits, .readOnly]
        guard let from = order.firstIndex(of: now), let to = order.firstIndex(of: mode), to >= from else {
            throw ChatError(.forbidden, "A conversation's mode can only become more cautious.")
        }
        conversations[id]?.summary.mode = mode
    }

    func approvals(for person: PersonID) -> [OpenApproval] { [] }

    func answer(
        _ approval: ApprovalID, allow: Bool, scope: GrantScope?, reason: String?, by person: PersonID
    ) throws {
        guard let waiting = answers.removeValue(forKey: approval) else {
            throw ChatError(.conflict, "This approval was answered already or has expired.")
        }
        answered.append((approval, allow, person))
        answeredWith.append((scope, reason))
        if let scope { give(scope) }
        waiting.resume(returning: allow)
    }

    private func give(_ scope: GrantScope) {
        given.insert(
            GrantView(
                id: GrantID(trusted: next("g-")), scope: scope, tool: "send_mail",
                arguments: scope == .conversation ? .object(["to": "board@example.com"]) : nil, rule: "mail leaves",
                giver: "Ada Lovelace", requester: "Ada Lovelace",
                conversation: order.last ?? ConversationID(trusted: "t-0"), channel: "finance", given: clock.now(),
                expires: clock.now().advanced(by: scope.lifetime)), at: 0)
    }

    func grants(for person: PersonID) -> [GrantView] { given }

    func revokeGrant(_ id: GrantID, by person: PersonID) throws {
        guard let index = given.firstIndex(where: { $0.id == id }) else {
            throw ChatError(.notFound, "There is no such grant.")
        }
        guard given[index].end == nil else { throw ChatError(.conflict, "That grant had ended already.") }
        given[index].end = "revoked by \(people[person]?.name ?? "?")"
    }

    func upload(name: String, bytes: [UInt8], by person: PersonID) -> AttachmentView {
        let id = AttachmentID(trusted: next("f-"))
        files[id] = StoredFile(name: name, bytes: bytes)
        return AttachmentView(id: id, name: name, bytes: Int64(bytes.count))
    }

    func file(_ id: AttachmentID, for person: PersonID) throws -> StoredFile {
        guard let file = files[id] else { throw ChatError(.notFound, "There is no such file.") }
        return file
    }

    private(set) var posted: [MessageID] = []
    let secret = PrivateAnswer(
        message: MessageID(trusted: "m-secret"), conversation: ConversationID(trusted: "t-secret"),
        thread: ConversationID(trusted: "t-0"), channelName: "finance", text: "for Ada alone",
        at: Timestamp(milliseconds: 0), isPosted: false)

    func privateAnswers(for person: PersonID) -> [PrivateAnswer] { person == Self.ada ? [secret] : [] }

    func post(_ answer: MessageID, by person: PersonID) throws -> Receipt {
        guard answer == secret.message, person == Self.ada else {
            throw ChatError(.notFound, "There is no such answer.")
        }
        posted.append(answer)
        return Receipt(message: answer, conversation: secret.thread)
    }

    func sessions(for person: PersonID) -> [SessionSummary] {
        let now = clock.now()
        return [
            SessionSummary(
                id: SessionID(trusted: "s-2"), conversation: order.last ?? ConversationID(trusted: "t-0"),
                requester: "Ada Lovelace", state: "working", labels: [.untrusted], started: now, ended: nil,
                endReason: nil),
            SessionSummary(
                id: SessionID(trusted: "s-1"), conversation: order.first ?? ConversationID(trusted: "t-0"),
                requester: "Ben Okri", state: "ended", labels: [],
                started: now.advanced(by: .seconds(-3700)), ended: now.advanced(by: .seconds(-3000)),
                endReason: "idle for 10 minutes"),
        ]
    }

    func setRole(_ role: Role, of person: PersonID) { people[person]?.role = role }

    // For turns.

    @discardableResult
    func append(
        _ kind: Entry.Kind, author: String, text: String, attachments: [AttachmentID] = [],
        tools: [ToolActivity] = [], to id: ConversationID
    ) -> MessageID {
        let message = MessageID(trusted: next("m-"))
        let entry = Entry(
            sequence: Int64(conversations[id]?.entries.count ?? 0) + 1, id: message, kind: kind, author: author,
            text: text, at: clock.now(),
            attachments: attachments.compactMap { id in
                files[id].map { AttachmentView(id: id, name: $0.name, bytes: Int64($0.bytes.count)) }
            }, tools: tools)
        conversations[id]?.entries.append(entry)
        publish(.entry(entry), in: id)
        return message
    }

    func publish(_ event: ConversationEvent, in id: ConversationID) {
        for watcher in conversations[id]?.watchers.values ?? [:].values { watcher.yield(event) }
    }

    func setLive(_ live: LiveTurn?, in id: ConversationID) {
        conversations[id]?.live = live
    }

    func waitForAnswer(_ approval: ApprovalView, in id: ConversationID) async -> Bool {
        await withCheckedContinuation { continuation in
            answers[approval.id] = continuation
            publish(.approval(approval), in: id)
        }
    }

    func waitForCancel(_ id: ConversationID) async {
        await withCheckedContinuation { cancellations[id] = $0 }
    }

    func now() -> Timestamp { clock.now() }

    func addFile(name: String, bytes: [UInt8]) -> AttachmentID {
        let id = AttachmentID(trusted: next("f-"))
        files[id] = StoredFile(name: name, bytes: bytes)
        return id
    }
}
