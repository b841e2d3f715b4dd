package import Model

import GRDB

/// A line of a conversation with all that is shown with it.
package struct TranscriptEntry: Sendable {
    package let message: MessageRecord
    /// Of one who is nobody here, as they are called where it was said. `nil` for the assistant and the harness.
    package let authorName: String?
    package let attachments: [AttachmentRecord]
    /// The calls of the turn that this line ended, oldest first.
    package let toolCalls: [ToolCallRecord]
    /// Where this is an answer to one person alone, or the line that stands for it.
    package var privateAnswer: PrivateAnswerRecord?
}

extension Database {
    /// Lines after `sequence`, oldest first.
    package func entries(
        of conversation: ConversationID, after sequence: Int64 = 0, limit: Int = 1000
    ) async throws -> [TranscriptEntry] {
        try await read { db in
            let rows = try db.rows(
                """
                SELECT m.*, COALESCE(p.name, m.speaker) AS author_name FROM messages m
                LEFT JOIN people p ON p.id = m.author
                WHERE m.conversation = ? AND m.seq > ? ORDER BY m.seq LIMIT ?
                """, [conversation.rawValue, sequence, limit])
            return try Self.entries(rows, on: db)
        }
    }

    /// What an agent is told at the start of a session: the newest `limit` lines below `sequence`, oldest first, without
    /// what was taken back.
    package func transcript(
        of conversation: ConversationID, before sequence: Int64 = .max, limit: Int = 200
    ) async throws -> [TranscriptEntry] {
        try await read { db in
            let rows = try db.rows(
                """
                SELECT m.*, COALESCE(p.name, m.speaker) AS author_name FROM messages m
                LEFT JOIN people p ON p.id = m.author
                WHERE m.conversation = ? AND m.seq < ? AND m.state <> 'cancelled' ORDER BY m.seq DESC LIMIT ?
                """, [conversation.rawValue, sequence, limit])
            return try Self.entries(rows.reversed(), on: db)
        }
    }

    /// One line, as `entries` gives it.
    package func entry(_ id: MessageID) async throws -> TranscriptEntry? {
        try await read { db in
            let rows = try db.rows(
                """
                SELECT m.*, COALESCE(p.name, m.speaker) AS author_name FROM messages m
                LEFT JOIN people p ON p.id = m.author
                WHERE m.id = ?
                """, [id.rawValue])
            return try Self.entries(rows, on: db).first
        }
    }

    static func entries(_ rows: [Row], on db: Connection) throws -> [TranscriptEntry] {
        try rows.map { row in
            let message = try MessageRecord(row)
            let calls = try message.inReplyTo.map { try toolCalls(turn: $0, on: db) }
            return TranscriptEntry(
                message: message, authorName: row["author_name"], attachments: try attachments(of: message.id, on: db),
                toolCalls: calls ?? [], privateAnswer: try privateAnswer(message.id, on: db))
        }
    }
}
