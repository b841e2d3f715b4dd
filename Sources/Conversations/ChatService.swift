package import MCP
package import Model

/// What a surface (web chat, terminal, Slack) can do with conversations. Every call names the person it is made for;
/// who that is was established by the surface, what that person may do is decided here.
package protocol ChatService: Sendable {
    func person(_ id: PersonID) async throws -> Person
    func channels(for person: PersonID) async throws -> [ChannelSummary]
    func createChannel(named name: String, by person: PersonID) async throws -> ChannelSummary
    /// Of a channel `person` is in.
    func members(of channel: ChannelID, for person: PersonID) async throws -> [Person]
    func addMember(_ member: PersonID, to channel: ChannelID, by person: PersonID) async throws
    func removeMember(_ member: PersonID, from channel: ChannelID, by person: PersonID) async throws
    func mayRead(_ conversation: ConversationID, person: PersonID) async throws -> Bool
    /// Stored durably, and deduplicated by `clientID`, before this returns.
    func submit(_ message: InboundMessage) async throws -> Receipt
    func conversation(_ id: ConversationID, for person: PersonID) async throws -> ConversationView
    /// Stored entries after `sequence`, then everything as it happens. Ends when the consumer stops. A consumer too slow
    /// to follow is ended and reads on from its last entry.
    func events(of id: ConversationID, after sequence: Int64, for person: PersonID) async throws
        -> AsyncStream<ConversationEvent>
    func cancel(_ id: ConversationID, by person: PersonID) async throws
    /// Only towards more caution: a looser mode is refused.
    func tighten(_ id: ConversationID, to mode: Mode, by person: PersonID) async throws
    /// `reason` goes to the agent with a denial; `scope` is how far a yes reaches beyond the call.
    func answer(
        _ approval: ApprovalID, allow: Bool, scope: GrantScope?, reason: String?, by person: PersonID
    ) async throws
    /// Open questions the person may see, oldest first.
    func approvals(for person: PersonID) async throws -> [OpenApproval]
    /// Grants that work for the person or were given by them, newest first; admins see all.
    func grants(for person: PersonID) async throws -> [GrantView]
    func revokeGrant(_ id: GrantID, by person: PersonID) async throws
    /// `bytes` is bounded by the configured upload limit.
    func upload(name: String, bytes: [UInt8], by person: PersonID) async throws -> AttachmentView
    /// The stored file, where `person` may read the conversation it belongs to.
    func file(_ id: AttachmentID, for person: PersonID) async throws -> StoredFile
    func sessions(for person: PersonID) async throws -> [SessionSummary]
    /// Puts back what a call replaced, as a call of its own through the gate. `admin`: who acts for `person`, where one
    /// does. Throws a sentence where it cannot be; where the file was changed since, `force` does it all the same.
    func undo(
        _ call: CallID, force: Bool, by person: PersonID, onBehalfBy admin: PersonID?
    ) async throws -> UndoReceipt
    /// What went to the person alone, newest first.
    func privateAnswers(for person: PersonID) async throws -> [PrivateAnswer]
    /// Posts exactly that answer to the thread it was asked in, by its requester's decision, on record. Once.
    func post(_ answer: MessageID, by person: PersonID) async throws -> Receipt
}

/// What an undo came to.
package struct UndoReceipt: Sendable {
    /// The undo itself: undoing it brings back what it put away.
    package var call: CallID
    package var text: String

    package init(call: CallID, text: String) {
        self.call = call
        self.text = text
    }
}

extension ChatService {
    /// Good for the one call it was asked about.
    package func answer(
        _ approval: ApprovalID, allow: Bool, reason: String?, by person: PersonID
    ) async throws {
        try await answer(approval, allow: allow, scope: nil, reason: reason, by: person)
    }
}

package struct Person: Sendable, Hashable {
    package var id: PersonID
    package var name: String
    package var role: Role

    package init(id: PersonID, name: String, role: Role) {
        self.id = id
        self.name = name
        self.role = role
    }
}

package enum ChannelKind: String, Sendable, Codable {
    /// One person and the assistant.
    case dm
    /// Everyone who is a member.
    case room
}

package struct ChannelSummary: Sendable {
    package var id: ChannelID
    package var name: String
    package var kind: ChannelKind
    /// Newest first.
    package var conversations: [ConversationSummary]

    package init(id: ChannelID, name: String, kind: ChannelKind, conversations: [ConversationSummary]) {
        self.id = id
        self.name = name
        self.kind = kind
        self.conversations = conversations
    }
}

package struct ConversationSummary: Sendable {
    package var id: ConversationID
    package var channel: ChannelID
    /// The first line of the first message, cut.
    package var title: String
    package var updated: Timestamp
    package var mode: Mode

    package init(id: ConversationID, channel: ChannelID, title: String, updated: Timestamp, mode: Mode) {
        self.id = id
        self.channel = channel
        self.title = title
        self.updated = updated
        self.mode = mode
    }
}

package struct InboundMessage: Sendable {
    package var channel: ChannelID
    /// `nil` starts a new conversation.
    package var conversation: ConversationID?
    package var author: PersonID
    /// The admin who speaks for `author`, where one does.
    package var onBehalfBy: PersonID?
    package var text: String
    package var attachments: [AttachmentID]
    /// The surface's own event id: the same one twice is one message.
    package var surface: String
    package var clientID: String
    /// The words are somebody else's, handed in for `author`, as a program's are: they are outside content, and nothing in
    /// them counts as said by the author.
    package var isRelayed: Bool
    /// The tier the author asks for by a word of the surface: `fast`, `balanced`, `best`. Policy says who gets it.
    package var tier: String?

    package init(
        channel: ChannelID, conversation: ConversationID? = nil, author: PersonID, onBehalfBy: PersonID? = nil,
        text: String, attachments: [AttachmentID] = [], surface: String, clientID: String, isRelayed: Bool = false
    ) {
        self.channel = channel
        self.conversation = conversation
        self.author = author
        self.onBehalfBy = onBehalfBy
        self.text = text
        self.attachments = attachments
        self.surface = surface
        self.clientID = clientID
        self.isRelayed = isRelayed
    }
}

package struct Receipt: Sendable {
    package var message: MessageID
    package var conversation: ConversationID

    package init(message: MessageID, conversation: ConversationID) {
        self.message = message
        self.conversation = conversation
    }
}

package struct AttachmentView: Sendable {
    package var id: AttachmentID
    package var name: String
    package var bytes: Int64

    package init(id: AttachmentID, name: String, bytes: Int64) {
        self.id = id
        self.name = name
        self.bytes = bytes
    }
}

package struct StoredFile: Sendable {
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}

package struct ConversationView: Sendable {
    package var summary: ConversationSummary
    package var entries: [Entry]
    /// What is under way now, so that a page opened in mid-turn shows it.
    package var live: LiveTurn?

    package init(summary: ConversationSummary, entries: [Entry], live: LiveTurn?) {
        self.summary = summary
        self.entries = entries
        self.live = live
    }
}

package struct LiveTurn: Sendable {
    package var draft: String
    package var tools: [ToolActivity]
    package var approvals: [ApprovalView]

    package init(draft: String, tools: [ToolActivity], approvals: [ApprovalView]) {
        self.draft = draft
        self.tools = tools
        self.approvals = approvals
    }
}

/// One line of the visible transcript.
package struct Entry: Sendable {
    package enum Kind: String, Sendable, Codable {
        case user, assistant
        /// The harness speaking: a failure in plain words, a cancellation, a limit.
        case notice
    }

    package var sequence: Int64
    package var id: MessageID
    package var kind: Kind
    /// Who said it; the assistant's name for `assistant`.
    package var author: String
    package var text: String
    package var at: Timestamp
    /// The message that opened the turn this ends, for `assistant` and `notice`.
    package var inReplyTo: MessageID?
    package var attachments: [AttachmentView]
    /// The tool calls that led to an answer, for `assistant` and `notice`.
    package var tools: [ToolActivity]
    /// What stands in it, or went into it.
    package var labels: Labels
    /// Of `user`: said to others in the thread, and not to the assistant.
    package var isContext: Bool
    /// For its requester: where this is a private answer, or the line that stands for one.
    package var privateAnswer: PrivateAnswer?

    package init(
        sequence: Int64, id: MessageID, kind: Kind, author: String, text: String, at: Timestamp,
        inReplyTo: MessageID? = nil, attachments: [AttachmentView] = [], tools: [ToolActivity] = [],
        labels: Labels = [], isContext: Bool = false, privateAnswer: PrivateAnswer? = nil
    ) {
        self.sequence = sequence
        self.id = id
        self.kind = kind
        self.author = author
        self.text = text
        self.at = at
        self.inReplyTo = inReplyTo
        self.attachments = attachments
        self.tools = tools
        self.labels = labels
        self.isContext = isContext
        self.privateAnswer = privateAnswer
    }
}

/// A tool call as people see it.
package struct ToolActivity: Sendable {
    package enum State: String, Sendable, Codable {
        case running, waiting, done, failed, denied, cancelled
    }

    package var call: CallID
    package var tool: String
    package var arguments: JSONValue
    package var state: State
    /// What came back, cut for display; `nil` while it runs.
    package var result: String?
    package var milliseconds: Int64?
    package var undo: Undo?

    /// Of a call whose change is kept.
    package enum Undo: Sendable, Hashable {
        case possible
        /// Undoing that call does it again.
        case done(by: CallID)
    }

    package init(
        call: CallID, tool: String, arguments: JSONValue, state: State, result: String? = nil,
        milliseconds: Int64? = nil, undo: Undo? = nil
    ) {
        self.call = call
        self.tool = tool
        self.arguments = arguments
        self.state = state
        self.result = result
        self.milliseconds = milliseconds
        self.undo = undo
    }
}

/// A question of the gate to people.
package struct ApprovalView: Sendable {
    package var id: ApprovalID
    package var tool: String
    package var effect: Effect
    package var arguments: JSONValue
    /// Why it is asked: the rule's words.
    package var reason: String
    package var requester: String
    package var expires: Timestamp
    package var rule: String
    /// Who may decide, in words.
    package var approvers: String
    /// What it would work on, as text to be shown as it is: the folder a command runs in, the files it names by digest,
    /// what an edit changes.
    package var details: String?
    /// What the session has touched.
    package var labels: Labels
    /// Whether whoever it is shown to may decide; how far that one's yes may reach beyond the call.
    package var isYours: Bool
    package var scopes: [GrantScope]
    /// Beyond the call, a yes is good for these very arguments alone.
    package var isExact: Bool

    package init(
        id: ApprovalID, tool: String, effect: Effect, arguments: JSONValue, reason: String, requester: String,
        expires: Timestamp, rule: String, approvers: String, details: String? = nil, labels: Labels = [],
        isYours: Bool = false, scopes: [GrantScope] = [], isExact: Bool = true
    ) {
        self.id = id
        self.tool = tool
        self.effect = effect
        self.arguments = arguments
        self.reason = reason
        self.requester = requester
        self.expires = expires
        self.details = details
        self.rule = rule
        self.approvers = approvers
        self.labels = labels
        self.isYours = isYours
        self.scopes = scopes
        self.isExact = isExact
    }
}

/// A question that waits for somebody, wherever it was asked.
package struct OpenApproval: Sendable {
    package var view: ApprovalView
    package var conversation: ConversationID

    package init(view: ApprovalView, conversation: ConversationID) {
        self.view = view
        self.conversation = conversation
    }
}

package enum ConversationEvent: Sendable {
    /// A stored line; the only kind that is replayed.
    case entry(Entry)
    /// More of the answer being written. `reset` starts the draft anew.
    case draft(text: String, reset: Bool)
    case tool(ToolActivity)
    case approval(ApprovalView)
    /// Answered, expired or withdrawn.
    case approvalClosed(ApprovalID, outcome: String)
    /// What the assistant is doing, in plain words: "Waiting for its turn", "Starting a sandbox", "Thinking".
    case state(String)
    /// The turn is over; the answer (or a notice) came before it as an `entry`.
    case done
}

package struct SessionSummary: Sendable {
    package var id: SessionID
    package var conversation: ConversationID
    package var requester: String
    package var state: String
    package var labels: Labels
    package var started: Timestamp
    package var ended: Timestamp?
    package var endReason: String?

    package init(
        id: SessionID, conversation: ConversationID, requester: String, state: String, labels: Labels,
        started: Timestamp, ended: Timestamp?, endReason: String?
    ) {
        self.id = id
        self.conversation = conversation
        self.requester = requester
        self.state = state
        self.labels = labels
        self.started = started
        self.ended = ended
        self.endReason = endReason
    }
}

/// What a person did wrong or may not do, in words for that person.
package struct ChatError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case notFound, forbidden, invalid, tooLarge, conflict, unavailable
    }

    package var code: Code
    package var message: String

    package var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
