package import Model

import GRDB

package struct MessageRecord: Sendable, Hashable {
    package enum Kind: String, Sendable, Codable {
        case user, assistant
        /// The harness speaking: a failure in plain words, a cancellation, a limit.
        case notice
        /// Said in the conversation, and not to the assistant.
        case context
    }

    package enum State: String, Sendable, Codable {
        /// Waits for a turn.
        case pending
        /// Part of a turn that has not been answered.
        case taken
        /// Answered, or nothing that waits for an answer.
        case done
        case cancelled
    }

    package let id: MessageID
    package let conversation: ConversationID
    package let sequence: Int64
    package let kind: Kind
    package let author: PersonID?
    /// The admin who spoke for `author`.
    package let onBehalfBy: PersonID?
    package let text: String
    package let inReplyTo: MessageID?
    package let turn: MessageID?
    package let session: SessionID?
    package let surface: String?
    /// The surface's own id of it; of `approvalSurface` the approval's.
    package let eventID: String?
    package let state: State
    /// How often a turn was begun for it.
    package let attempts: Int
    package let created: Timestamp
    /// What whoever wrote it had touched, or brought along.
    package let labels: Labels
    /// The words are somebody else's, handed in for `author`.
    package let isRelayed: Bool

    /// Surfaces nobody speaks through: of a message that stands for an MCP client's own work, of one that an answered
    /// question came back as, and of a task's run.
    package static let externalSurface = "mcp"
    package static let approvalSurface = "approval"
    /// Of a task's run, whose id is the event's: each run is one message, and one message is one run.
    package static let taskSurface = "task"

    init(_ row: Row) throws {
        id = row.id("id")
        conversation = row.id("conversation")
        sequence = row["seq"]
        kind = try row.word("kind")
        author = row.optionalID("author")
        onBehalfBy = row.optionalID("on_behalf_by")
        text = row["text"]
        inReplyTo = row.optionalID("in_reply_to")
        turn = row.optionalID("turn")
        session = row.optionalID("session")
        surface = row["surface"]
        eventID = row["surface_event_id"]
        state = try row.word("state")
        attempts = row["attempts"]
        created = row.time("created")
        labels = Labels(rawValue: row["labels"])
        isRelayed = row["is_relayed"]
    }
}

/// What a surface hands in.
package struct InboundDraft: Sendable {
    package var channel: ChannelID
    /// `nil` starts a new conversation, in `mode`.
    package var conversation: ConversationID?
    package var author: PersonID
    package var onBehalfBy: PersonID?
    package var text: String
    package var attachments: [AttachmentID]
    package var surface: String
    /// The surface's own id of the event: the same one from the same author twice is one message.
    package var eventID: String
    package var mode: Mode
    /// What it brings along.
    package var labels: Labels
    /// The words are somebody else's, handed in for `author`: nothing in them counts as said by them.
    package var isRelayed: Bool
    /// Where on `surface` the conversation lives from now on, unless it lives somewhere there: what is said in it is
    /// carried to that address.
    package var home: String?
    /// Of a new conversation; else it is called after the text.
    package var title: String?

    package init(
        channel: ChannelID, conversation: ConversationID? = nil, author: PersonID, onBehalfBy: PersonID? = nil,
        text: String, attachments: [AttachmentID] = [], surface: String, eventID: String, mode: Mode = .auto,
        labels: Labels = [], isRelayed: Bool = false, home: String? = nil, title: String? = nil
    ) {
        self.channel = channel
        self.conversation = conversation
        self.author = author
        self.onBehalfBy = onBehalfBy
        self.text = text
        self.attachments = attachments
        self.surface = surface
        self.eventID = eventID
        self.mode = mode
        self.labels = labels
        self.isRelayed = isRelayed
        self.home = home
        self.title = title
    }
}

package struct Accepted: Sendable {
    package let message: MessageRecord
    /// False for an event that had been accepted before: `message` is the first one.
    package let isNew: Bool
}

extension Database {
    /// Stores an inbound message, durably when it returns. An event that came before changes nothing. Throws
    /// `.notFound`, `.forbidden` (no member, somebody else's attachment), `.invalid`, or `.conflict` for a new conversation
    /// in a thread that is another's home by now.
    package func acceptInbound(_ draft: InboundDraft) async throws -> Accepted {
        guard !draft.eventID.isEmpty, draft.eventID.utf8.count <= 200, !draft.surface.isEmpty else {
            throw StoreError(.invalid, "A message needs an event id of 1 to 200 bytes.")
        }
        return try await write { [self] db in try accept(draft, on: db) }
    }

    func accept(_ draft: InboundDraft, on db: Connection) throws -> Accepted {
        let before = try db.row(
            "SELECT * FROM messages WHERE surface = ? AND author = ? AND surface_event_id = ?",
            [draft.surface, draft.author.rawValue, draft.eventID.storable])
        if let before {
            let record = try MessageRecord(before)
            guard record.kind == .context else { return Accepted(message: record, isNew: false) }
            // It was read in a thread, as what others hear, before it came here by itself.
            try db.run("DELETE FROM messages WHERE id = ?", [record.id.rawValue])
        }
        let now = clock.now()
        let conversation = try place(of: draft, now: now, on: db)
        if let home = draft.home, try Self.home(of: conversation, on: draft.surface, db) == nil {
            try setHome(of: conversation, surface: draft.surface, address: home, on: db)
        }
        let id: MessageID = identifiers.make()
        let sequence = try Self.nextSequence(in: conversation, on: db)
        try db.run(
            """
            INSERT INTO messages
                (id, conversation, seq, kind, author, on_behalf_by, text, surface, surface_event_id, state, created,
                 labels, is_relayed)
            VALUES (?, ?, ?, 'user', ?, ?, ?, ?, ?, 'pending', ?, ?, ?)
            """,
            [
                id.rawValue, conversation.rawValue, sequence, draft.author.rawValue, draft.onBehalfBy?.rawValue,
                draft.text.storable, draft.surface, draft.eventID.storable, now.milliseconds,
                draft.labels.rawValue, draft.isRelayed,
            ])
        try Self.bind(draft.attachments, to: id, in: conversation, owner: draft.author, on: db)
        try Self.touch(conversation, now: now, on: db)
        return Accepted(message: try Self.message(id, on: db), isNew: true)
    }

    /// What waits in a conversation, in order.
    package func pending(in conversation: ConversationID) async throws -> [MessageRecord] {
        try await read { db in
            try db.rows(
                "SELECT * FROM messages WHERE conversation = ? AND state = 'pending' ORDER BY seq",
                [conversation.rawValue]
            ).map(MessageRecord.init)
        }
    }

    package func nextPending(in conversation: ConversationID) async throws -> MessageRecord? {
        try await read { db in
            try db.row(
                "SELECT * FROM messages WHERE conversation = ? AND state = 'pending' ORDER BY seq LIMIT 1",
                [conversation.rawValue]
            ).map(MessageRecord.init)
        }
    }

    package func conversationsWithPending() async throws -> [ConversationID] {
        try await read { db in
            try db.rows(
                """
                SELECT conversation, MIN(created) AS oldest FROM messages WHERE state = 'pending'
                GROUP BY conversation ORDER BY oldest
                """
            ).map { $0.id("conversation") }
        }
    }

    /// Takes back what `author` said and nobody has begun to answer.
    package func cancelPending(in conversation: ConversationID, author: PersonID) async throws -> [MessageRecord] {
        try await write { db in
            let rows = try db.rows(
                "SELECT * FROM messages WHERE conversation = ? AND author = ? AND state = 'pending' ORDER BY seq",
                [conversation.rawValue, author.rawValue])
            try Self.withdrawAnswers(waitingIn: conversation, of: author, on: db)
            try db.run(
                "UPDATE messages SET state = 'cancelled' WHERE conversation = ? AND author = ? AND state = 'pending'",
                [conversation.rawValue, author.rawValue])
            return try rows.map(MessageRecord.init)
        }
    }

    package func message(_ id: MessageID) async throws -> MessageRecord? {
        try await read { db in
            try db.row("SELECT * FROM messages WHERE id = ?", [id.rawValue]).map(MessageRecord.init)
        }
    }

    private func place(of draft: InboundDraft, now: Timestamp, on db: Connection) throws -> ConversationID {
        _ = try Self.channel(draft.channel, on: db)
        let isMember = try db.exists(
            "SELECT 1 FROM memberships WHERE channel = ? AND person = ?",
            [draft.channel.rawValue, draft.author.rawValue])
        guard isMember else { throw StoreError(.forbidden, "You are no member of that channel.") }
        if let id = draft.conversation {
            guard try Self.conversation(id, on: db).channel == draft.channel else {
                throw StoreError(.notFound, "That conversation is not in that channel.")
            }
            return id
        }
        let id: ConversationID = identifiers.make()
        try db.run(
            "INSERT INTO conversations (id, channel, title, mode, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
            [
                id.rawValue, draft.channel.rawValue, Self.title(from: (draft.title ?? draft.text).storable),
                draft.mode.rawValue,
                now.milliseconds, now.milliseconds,
            ])
        return id
    }

    static func message(_ id: MessageID, on db: Connection) throws -> MessageRecord {
        guard let row = try db.row("SELECT * FROM messages WHERE id = ?", [id.rawValue]) else {
            throw StoreError(.notFound, "There is no message \(id).")
        }
        return try MessageRecord(row)
    }

    static func nextSequence(in conversation: ConversationID, on db: Connection) throws -> Int64 {
        let row = try db.row(
            "SELECT COALESCE(MAX(seq), 0) + 1 AS next FROM messages WHERE conversation = ?", [conversation.rawValue])
        return row?["next"] ?? 1
    }

    static func touch(_ conversation: ConversationID, now: Timestamp, on db: Connection) throws {
        try db.run(
            "UPDATE conversations SET updated = ? WHERE id = ?", [now.milliseconds, conversation.rawValue])
    }
}
