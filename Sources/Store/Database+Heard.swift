package import Model

import GRDB

/// Something said in a thread, and not to the assistant: it is told of it, and nothing is done about it.
package struct HeardLine: Sendable, Hashable {
    package enum Speaker: Sendable, Hashable {
        case person(PersonID)
        /// Somebody who is nobody here, by the name they have there.
        case other(String)
        /// The assistant's own words, from where they are no entry of this conversation.
        case assistant
    }

    package var surface: String
    /// The surface's own id of it: the same one twice is one line.
    package var eventID: String
    package var speaker: Speaker
    package var text: String
    package var labels: Labels
    package var at: Timestamp

    package init(
        surface: String, eventID: String, speaker: Speaker, text: String, labels: Labels = [], at: Timestamp
    ) {
        self.surface = surface
        self.eventID = eventID
        self.speaker = speaker
        self.text = text
        self.labels = labels
        self.at = at
    }
}

extension Database {
    /// Adds a line that nothing is done about; `nil` where it is there already.
    package func addHeard(_ line: HeardLine, in conversation: ConversationID) async throws -> MessageRecord? {
        try await write { [self] db in
            _ = try Self.conversation(conversation, on: db)
            return try hear(line, in: conversation, on: db).map { try Self.message($0, on: db) }
        }
    }

    /// Lines a session's agent has not been told of when it is given `message`: said after what it was given last. None
    /// at its first, for it begins with the transcript.
    package func heard(by session: SessionID, before message: MessageID) async throws -> [TranscriptEntry] {
        try await read { db in
            let next = try Self.message(message, on: db)
            let last = try db.row(
                """
                SELECT MAX(seq) AS last FROM messages
                WHERE conversation = ? AND session = ? AND kind = 'user' AND seq < ?
                """, [next.conversation.rawValue, session.rawValue, next.sequence])
            guard let last: Int64 = last?["last"] else { return [] }
            let rows = try db.rows(
                """
                SELECT m.*, COALESCE(p.name, m.speaker) AS author_name FROM messages m
                LEFT JOIN people p ON p.id = m.author
                WHERE m.conversation = ? AND m.kind = 'context' AND m.seq > ? AND m.seq < ? ORDER BY m.seq DESC LIMIT 50
                """, [next.conversation.rawValue, last, next.sequence])
            return try Self.entries(rows.reversed(), on: db)
        }
    }

    /// No answer, and nobody's question: no surface is told of it, and nothing waits.
    @discardableResult
    func hear(_ line: HeardLine, in conversation: ConversationID, on db: Connection) throws -> MessageID? {
        var author: PersonID?
        var name: String?
        var kind = MessageRecord.Kind.context
        switch line.speaker {
        case .person(let person): author = person
        case .other(let other): name = other.cut(to: 100)
        case .assistant: kind = .assistant
        }
        let id: MessageID = identifiers.make()
        try db.run(
            """
            INSERT INTO messages
                (id, conversation, seq, kind, author, speaker, text, surface, surface_event_id, state, created, labels)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'done', ?, ?) ON CONFLICT DO NOTHING
            """,
            [
                id.rawValue, conversation.rawValue, try Self.nextSequence(in: conversation, on: db), kind.rawValue,
                author?.rawValue, name?.storable, line.text.storable, line.surface, line.eventID.storable,
                line.at.milliseconds, line.labels.rawValue,
            ])
        return db.changesCount == 1 ? id : nil
    }
}
