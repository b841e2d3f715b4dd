package import Model

import GRDB

/// How a turn ends: an answer, or a notice that says why there is none.
package struct TurnCompletion: Sendable {
    package var turn: MessageID
    package var kind: MessageRecord.Kind
    package var text: String
    /// Files published with the answer.
    package var attachments: [AttachmentID]
    package var deliveries: [Delivery]

    package init(
        turn: MessageID, kind: MessageRecord.Kind, text: String, attachments: [AttachmentID] = [],
        deliveries: [Delivery] = []
    ) {
        self.turn = turn
        self.kind = kind
        self.text = text
        self.attachments = attachments
        self.deliveries = deliveries
    }
}

/// A place outside that the answer has to be carried to.
package struct Delivery: Sendable, Hashable {
    package var surface: String
    /// What the surface needs to find the place, in its own words.
    package var address: String

    package init(surface: String, address: String) {
        self.surface = surface
        self.address = address
    }
}

package struct RunningTurn: Sendable {
    package let turn: MessageID
    package let conversation: ConversationID
    package let session: SessionID
    package let requester: PersonID
    /// In order; the first is the one that opened the turn.
    package let messages: [MessageRecord]
}

extension Database {
    /// Opens a turn of `session` with messages that wait; returns its name, the first message's id. Throws `.conflict`
    /// where one does not wait any more or the conversation has a turn under way, `.forbidden` where one is not the
    /// session's requester's, or was typed by somebody else for him than the first.
    @discardableResult
    package func beginTurn(_ messages: [MessageID], session: SessionID) async throws -> MessageID {
        guard let turn = messages.first else { throw StoreError(.invalid, "A turn needs a message.") }
        return try await write { db in
            let session = try Self.session(session, on: db)
            guard session.state == .live else {
                throw StoreError(.conflict, "The session \(session.id) is \(session.state.rawValue).")
            }
            let isBusy = try db.exists(
                "SELECT 1 FROM messages WHERE conversation = ? AND state = 'taken'", [session.conversation.rawValue])
            guard !isBusy else { throw StoreError(.conflict, "The conversation has a turn under way.") }
            for id in messages { try Self.take(id, into: turn, of: session, on: db) }
            return turn
        }
    }

    /// The requester's messages that came in meanwhile, in order: they join the turn. Empty where there are none. What was
    /// typed by somebody else than the turn's first message (`on_behalf_by`) does not join: it waits for a turn of its own,
    /// and so does an answered question.
    package func takeFollowUps(turn: MessageID) async throws -> [MessageRecord] {
        try await write { db in
            let opening = try Self.message(turn, on: db)
            guard opening.state == .taken, let author = opening.author, let session = opening.session else {
                throw StoreError(.conflict, "The turn \(turn) is over.")
            }
            let record = try Self.session(session, on: db)
            let waiting = try db.rows(
                """
                SELECT id FROM messages WHERE conversation = ? AND author = ? AND on_behalf_by IS ? AND state = 'pending'
                    AND surface NOT IN ('approval', 'task')
                ORDER BY seq
                """, [opening.conversation.rawValue, author.rawValue, opening.onBehalfBy?.rawValue])
            return try waiting.map { row in
                let id: MessageID = row.id("id")
                try Self.take(id, into: turn, of: record, on: db)
                return try Self.message(id, on: db)
            }
        }
    }

    /// Answer, deliveries and inbox in one transaction. Throws `.conflict` where the turn is over: an answer is given
    /// once.
    @discardableResult
    package func completeTurn(_ completion: TurnCompletion) async throws -> MessageRecord {
        try await write { [self] db in
            let opening = try Self.message(completion.turn, on: db)
            guard opening.state == .taken, opening.turn == opening.id, let session = opening.session,
                let requester = opening.author
            else {
                throw StoreError(.conflict, "The turn \(completion.turn) is over: it has been answered or taken back.")
            }
            let entry = try insertEntry(
                completion.kind, text: completion.text, inReplyTo: opening.id, session: session,
                conversation: opening.conversation, on: db)
            try Self.bind(
                completion.attachments, to: entry.id, in: opening.conversation, owner: requester, on: db)
            for delivery in completion.deliveries { try enqueue(delivery, of: entry.id, on: db) }
            try db.run("UPDATE messages SET state = 'done' WHERE turn = ? AND state = 'taken'", [opening.id.rawValue])
            return entry
        }
    }

    /// Gives a turn's messages back to the inbox, unanswered. `attempts` of each tells how often it has been tried;
    /// `asUntried`: this time does not count.
    package func returnToInbox(turn: MessageID, asUntried: Bool = false) async throws {
        try await write { db in
            try db.run(
                """
                UPDATE messages SET state = 'pending', turn = NULL, session = NULL, attempts = MAX(attempts - ?, 0)
                WHERE turn = ? AND state = 'taken'
                """, [asUntried ? 1 : 0, turn.rawValue])
        }
    }

    /// A line of the harness outside any turn.
    @discardableResult
    package func addNotice(
        conversation: ConversationID, text: String, session: SessionID? = nil, deliveries: [Delivery] = []
    ) async throws -> MessageRecord {
        try await write { [self] db in
            let entry = try insertEntry(
                .notice, text: text, inReplyTo: nil, session: session, conversation: conversation, on: db)
            for delivery in deliveries { try enqueue(delivery, of: entry.id, on: db) }
            return entry
        }
    }

    package func runningTurn(in conversation: ConversationID) async throws -> RunningTurn? {
        try await read { db in
            try db.row(
                "SELECT * FROM messages WHERE conversation = ? AND state = 'taken' AND turn = id",
                [conversation.rawValue]
            ).flatMap { try Self.runningTurn(opening: MessageRecord($0), on: db) }
        }
    }

    /// What a daemon that ended in mid-turn left behind, oldest first: to be answered with a notice, or tried again.
    package func unfinishedTurns() async throws -> [RunningTurn] {
        try await read { db in
            try db.rows("SELECT * FROM messages WHERE state = 'taken' AND turn = id ORDER BY created").compactMap {
                try Self.runningTurn(opening: MessageRecord($0), on: db)
            }
        }
    }

    private static func runningTurn(opening: MessageRecord, on db: Connection) throws -> RunningTurn? {
        guard let session = opening.session, let requester = opening.author else { return nil }
        let messages = try db.rows(
            "SELECT * FROM messages WHERE turn = ? AND state = 'taken' ORDER BY seq", [opening.id.rawValue]
        ).map(MessageRecord.init)
        return RunningTurn(
            turn: opening.id, conversation: opening.conversation, session: session, requester: requester,
            messages: messages)
    }

    private static func take(
        _ id: MessageID, into turn: MessageID, of session: SessionRecord, on db: Connection
    ) throws {
        let message = try message(id, on: db)
        guard message.conversation == session.conversation, message.author == session.requester else {
            throw StoreError(.forbidden, "The message \(id) is not one of the session's requester.")
        }
        guard try id == turn || message.onBehalfBy == Self.message(turn, on: db).onBehalfBy else {
            throw StoreError(.forbidden, "The message \(id) was typed by somebody else than the turn's first.")
        }
        guard message.state == .pending else {
            throw StoreError(.conflict, "The message \(id) is \(message.state.rawValue), not waiting.")
        }
        try db.run(
            "UPDATE messages SET state = 'taken', turn = ?, session = ?, attempts = attempts + 1 WHERE id = ?",
            [turn.rawValue, session.id.rawValue, id.rawValue])
    }

    /// Its labels are its session's, as far as others may know of them.
    func insertEntry(
        _ kind: MessageRecord.Kind, text: String, inReplyTo: MessageID?, session: SessionID?,
        conversation: ConversationID, on db: Connection
    ) throws -> MessageRecord {
        guard kind != .user else { throw StoreError(.invalid, "An answer is no user's message.") }
        _ = try Self.conversation(conversation, on: db)
        let id: MessageID = identifiers.make()
        let now = clock.now()
        let sequence = try Self.nextSequence(in: conversation, on: db)
        try db.run(
            """
            INSERT INTO messages (id, conversation, seq, kind, text, in_reply_to, session, state, created, labels)
            VALUES (?, ?, ?, ?, ?, ?, ?7, 'done', ?, COALESCE((SELECT labels & ?9 FROM sessions WHERE id = ?7), 0))
            """,
            [
                id.rawValue, conversation.rawValue, sequence, kind.rawValue, text.storable, inReplyTo?.rawValue,
                session?.rawValue, now.milliseconds, Labels.untrusted.rawValue,
            ])
        try Self.touch(conversation, now: now, on: db)
        return try Self.message(id, on: db)
    }
}
