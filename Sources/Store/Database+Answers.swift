package import Model

import GRDB

/// An answer of the assistant's, and the turn that led to it.
package struct AnswerRecord: Sendable, Hashable {
    package let message: MessageRecord
    package let turn: MessageID
    package let session: SessionRecord
    /// When its question was said.
    package let asked: Timestamp
    /// It holds what only its requester may see, and was posted for others by that person's word.
    package let wasPosted: Bool
}

/// What somebody thinks of an answer.
package struct FeedbackRecord: Sendable, Hashable {
    package enum Value: String, Sendable, CaseIterable {
        case good, bad
    }

    package let message: MessageID
    package let conversation: ConversationID
    package let person: PersonID
    package let personName: String
    package let channelName: String
    package let value: Value
    package let words: String?
    package let at: Timestamp

    init(_ row: Row) throws {
        message = row.id("message")
        conversation = row.id("conversation")
        person = row.id("person")
        personName = row["person_name"]
        channelName = row["channel_name"]
        value = try row.word("value")
        words = row["words"]
        at = row.time("at")
    }
}

/// What models did for somebody.
package struct ModelUsage: Sendable, Hashable {
    package var calls = 0
    package var inputTokens = 0
    package var outputTokens = 0
    /// Millionths of a US dollar.
    package var microdollars: Int64 = 0

    package init() {}
}

extension Database {
    /// `nil` for a line that is no answer of a turn's. A private answer has the turn of the line that stands for it.
    package func answer(_ id: MessageID) async throws -> AnswerRecord? {
        try await read { db in
            guard let row = try db.row("SELECT * FROM messages WHERE id = ?", [id.rawValue]) else { return nil }
            let message = try MessageRecord(row)
            guard message.kind == .assistant, let session = message.session else { return nil }
            let stand = try db.row(
                """
                SELECT n.in_reply_to, a.posted = ?1 AS posted FROM private_answers a JOIN messages n ON n.id = a.notice
                WHERE a.message = ?1 OR a.posted = ?1
                """, [id.rawValue])
            let ofPrivate: MessageID? = stand?.optionalID("in_reply_to")
            guard let turn = message.inReplyTo ?? ofPrivate else { return nil }
            return AnswerRecord(
                message: message, turn: turn, session: try Self.session(session, on: db),
                asked: try Self.message(turn, on: db).created, wasPosted: (stand?["posted"] as Bool?) == true)
        }
    }

    /// Whether nothing was answered before in its conversation.
    package func isFirstAnswer(_ id: MessageID) async throws -> Bool {
        try await read { db in
            try !db.exists(
                """
                SELECT 1 FROM messages m JOIN messages e ON e.conversation = m.conversation AND e.seq < m.seq
                WHERE m.id = ? AND e.kind = 'assistant'
                """, [id.rawValue])
        }
    }

    /// One word by person and answer; the last one counts. Without `words` those said before stay, where `value` is the same.
    package func saveFeedback(
        _ value: FeedbackRecord.Value, words: String?, on answer: MessageID, by person: PersonID
    ) async throws {
        try await write { [self] db in
            let message = try Self.message(answer, on: db)
            try db.run(
                """
                INSERT INTO answer_feedback (message, person, conversation, value, words, at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT (message, person) DO UPDATE SET
                    words = CASE WHEN ?5 IS NULL AND value = ?4 THEN words ELSE ?5 END, value = ?4, at = ?6
                """,
                [
                    answer.rawValue, person.rawValue, message.conversation.rawValue, value.rawValue,
                    words?.storable.cut(to: 4000), clock.now().milliseconds,
                ])
        }
    }

    /// Newest first.
    package func feedback(since: Timestamp, limit: Int = 500) async throws -> [FeedbackRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT f.*, p.name AS person_name, h.name AS channel_name FROM answer_feedback f
                JOIN people p ON p.id = f.person JOIN conversations c ON c.id = f.conversation
                JOIN channels h ON h.id = c.channel
                WHERE f.at >= ? ORDER BY f.at DESC, f.message LIMIT ?
                """, [since.milliseconds, limit]
            ).map(FeedbackRecord.init)
        }
    }

    /// A turn's, oldest first.
    package func modelCalls(turn: MessageID) async throws -> [ModelCallEntry] {
        try await read { db in
            try db.rows("SELECT * FROM model_calls WHERE turn = ? ORDER BY id", [turn.rawValue])
                .map(ModelCallEntry.init)
        }
    }

    /// Of all that was done for `person` since then.
    package func modelUsage(of person: PersonID, since: Timestamp) async throws -> ModelUsage {
        try await read { db in
            let row = try db.row(
                """
                SELECT COUNT(*) AS calls, COALESCE(SUM(input_tokens + cache_read_tokens + cache_write_tokens), 0) AS input,
                    COALESCE(SUM(output_tokens), 0) AS output, COALESCE(SUM(microdollars), 0) AS microdollars
                FROM model_calls WHERE requester = ? AND started >= ?
                """, [person.rawValue, since.milliseconds])
            var usage = ModelUsage()
            guard let row else { return usage }
            (usage.calls, usage.inputTokens) = (row["calls"], row["input"])
            (usage.outputTokens, usage.microdollars) = (row["output"], row["microdollars"])
            return usage
        }
    }

    /// Conversations in which a turn of `person`'s runs now, oldest turn first.
    package func conversationsUnderWay(of person: PersonID, limit: Int = 20) async throws -> [ConversationRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT c.* FROM messages m JOIN conversations c ON c.id = m.conversation
                WHERE m.state = 'taken' AND m.turn = m.id AND m.author = ? ORDER BY m.created LIMIT ?
                """, [person.rawValue, limit]
            ).map(ConversationRecord.init)
        }
    }
}
