package import Model

import GRDB

/// An answer that went to the requester alone, in the direct channel, because it may hold what only that person may see.
package struct PrivateAnswerRecord: Sendable, Hashable {
    /// The answer, in the direct channel.
    package let message: MessageID
    package let conversation: ConversationID
    /// The line that stands for it in the thread it was asked in.
    package let notice: MessageID
    package let thread: ConversationID
    package let channelName: String
    package let requester: PersonID
    package let text: String
    package let created: Timestamp
    /// What was posted of it to the thread, by the requester.
    package let posted: MessageID?

    init(_ row: Row) {
        message = row.id("message")
        conversation = row.id("conversation")
        notice = row.id("notice")
        thread = row.id("thread")
        channelName = row["channel_name"]
        requester = row.id("requester")
        text = row["text"]
        created = row.time("created")
        posted = row.optionalID("posted")
    }

    static let query = """
        SELECT a.*, m.conversation, m.text, m.created, h.name AS channel_name FROM private_answers a
        JOIN messages m ON m.id = a.message JOIN conversations c ON c.id = a.thread JOIN channels h ON h.id = c.channel
        """
}

extension Database {
    /// Ends a turn with an answer for its requester alone, in the direct channel, and `notice` in the thread. One
    /// transaction, as `completeTurn`; throws as that.
    package func completePrivately(
        _ completion: TurnCompletion, notice: String
    ) async throws -> (answer: MessageRecord, notice: MessageRecord) {
        try await write { [self] db in
            let opening = try Self.message(completion.turn, on: db)
            guard opening.state == .taken, opening.turn == opening.id, let session = opening.session,
                let requester = opening.author
            else {
                throw StoreError(.conflict, "The turn \(completion.turn) is over: it has been answered or taken back.")
            }
            let place = try placeForPrivateAnswer(of: requester, from: opening.conversation, on: db)
            let answer = try insertEntry(
                completion.kind, text: completion.text, inReplyTo: nil, session: session, conversation: place, on: db)
            for id in completion.attachments {
                // Also what was handed out before the session became private.
                try db.run(
                    "UPDATE attachments SET conversation = ? WHERE id = ? AND owner = ? AND message IS NULL",
                    [place.rawValue, id.rawValue, requester.rawValue])
            }
            try Self.bind(completion.attachments, to: answer.id, in: place, owner: requester, on: db)
            let line = try insertEntry(
                .notice, text: notice, inReplyTo: opening.id, session: session, conversation: opening.conversation,
                on: db)
            try db.run(
                "INSERT INTO private_answers (message, notice, requester, thread) VALUES (?, ?, ?, ?)",
                [answer.id.rawValue, line.id.rawValue, requester.rawValue, opening.conversation.rawValue])
            try db.run("UPDATE messages SET state = 'done' WHERE turn = ? AND state = 'taken'", [opening.id.rawValue])
            return (answer, line)
        }
    }

    /// Puts a private answer's words and files, as they are, into the thread it was asked in. Throws `.notFound` where
    /// there is none of `person`'s, `.forbidden` where `person` may not read the thread any more, `.conflict` where it
    /// was posted already.
    package func postPrivateAnswer(_ id: MessageID, by person: PersonID) async throws -> MessageRecord {
        try await write { [self] db in
            guard let record = try Self.privateAnswer(id, on: db), record.requester == person else {
                throw StoreError(.notFound, "There is no such answer.")
            }
            guard try Self.mayRead(conversation: record.thread, person: person, on: db) else {
                throw StoreError(.forbidden, "You are no member of \(record.channelName) any more.")
            }
            guard record.posted == nil else { throw StoreError(.conflict, "This answer has been posted already.") }
            let answer = try Self.message(id, on: db)
            let entry = try insertEntry(
                .assistant, text: answer.text, inReplyTo: nil, session: answer.session, conversation: record.thread,
                on: db)
            for file in try Self.attachments(of: id, on: db) {
                let copy: AttachmentID = identifiers.make()
                try db.run(
                    """
                    INSERT INTO attachments (id, owner, conversation, message, name, mime, bytes, digest, created)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        copy.rawValue, person.rawValue, record.thread.rawValue, entry.id.rawValue, file.name, file.mime,
                        file.bytes, file.digest, clock.now().milliseconds,
                    ])
            }
            try db.run(
                "UPDATE private_answers SET posted = ?, posted_at = ? WHERE message = ?",
                [entry.id.rawValue, clock.now().milliseconds, id.rawValue])
            return entry
        }
    }

    package func privateAnswer(_ id: MessageID) async throws -> PrivateAnswerRecord? {
        try await read { db in try Self.privateAnswer(id, on: db) }
    }

    /// `person`'s, newest first.
    package func privateAnswers(for person: PersonID, limit: Int = 100) async throws -> [PrivateAnswerRecord] {
        try await read { db in
            try db.rows(
                PrivateAnswerRecord.query + " WHERE a.requester = ? ORDER BY a.message DESC LIMIT ?",
                [person.rawValue, limit]
            ).map(PrivateAnswerRecord.init)
        }
    }

    /// By the answer or by the line that stands for it.
    static func privateAnswer(_ id: MessageID, on db: Connection) throws -> PrivateAnswerRecord? {
        try db.row(PrivateAnswerRecord.query + " WHERE a.message = ?1 OR a.notice = ?1", [id.rawValue])
            .map(PrivateAnswerRecord.init)
    }

    /// All private answers of one thread to one person make a conversation of the direct channel.
    private func placeForPrivateAnswer(
        of person: PersonID, from thread: ConversationID, on db: Connection
    ) throws -> ConversationID {
        let earlier = try db.row(
            PrivateAnswerRecord.query + " WHERE a.thread = ? AND a.requester = ? LIMIT 1",
            [thread.rawValue, person.rawValue])
        if let earlier { return PrivateAnswerRecord(earlier).conversation }
        guard let channel = try db.row("SELECT id FROM channels WHERE kind = 'dm' AND owner = ?", [person.rawValue])
        else { throw StoreError(.notFound, "The requester has no direct channel.") }
        let source = try Self.conversation(thread, on: db)
        let name = try Self.channel(source.channel, on: db).name
        let id: ConversationID = identifiers.make()
        let now = clock.now().milliseconds
        try db.run(
            "INSERT INTO conversations (id, channel, title, mode, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
            [
                id.rawValue, channel["id"] as String, Self.title(from: "From \(name): \(source.title)"),
                source.mode.rawValue, now, now,
            ])
        // Whoever asked in Slack is answered there.
        if let home = try Self.home(of: thread, on: HomeRecord.slack, db) {
            try setDirectHome(of: id, person: person, on: home.surface, db)
        }
        return id
    }
}
