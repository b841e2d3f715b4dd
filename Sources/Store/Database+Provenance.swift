package import Model

import GRDB

extension Database {
    /// What `person` wrote in a conversation, in their own hand: not what somebody wrote in their name, not what a program
    /// said for them, not files, not the harness telling what others answered.
    package func ownWords(of person: PersonID, in conversation: ConversationID) async throws -> [String] {
        try await read { db in
            try db.rows(
                """
                SELECT text FROM messages
                WHERE conversation = ? AND author = ? AND on_behalf_by IS NULL AND kind = 'user' AND state <> 'cancelled'
                    AND COALESCE(surface, '') NOT IN (?, ?) AND is_relayed = 0
                ORDER BY seq
                """,
                [
                    conversation.rawValue, person.rawValue, MessageRecord.approvalSurface, MessageRecord.budgetSurface,
                ]
            ).map { $0["text"] }
        }
    }

    /// Where a text first came up in a session: in a tool's result, or as the name of a file somebody attached. In words
    /// that fit behind "first seen in"; `nil` where nothing that is kept shows it.
    package func firstSight(of text: String, in session: SessionID) async throws -> String? {
        try await read { db in
            let call = try db.row(
                """
                SELECT tool, started FROM tool_calls WHERE session = ? AND instr(lower(result), lower(?)) > 0
                ORDER BY started, id LIMIT 1
                """, [session.rawValue, text])
            if let call {
                let time = Timestamp(milliseconds: call["started"]).rfc3339
                return "the result of \(call["tool"] as String) at \(time.dropFirst(11).prefix(5)) UTC"
            }
            let file = try db.row(
                """
                SELECT a.name FROM attachments a JOIN messages m ON m.id = a.message
                WHERE m.session = ? AND m.kind = 'user' AND instr(lower(a.name), lower(?)) > 0 ORDER BY a.id LIMIT 1
                """, [session.rawValue, text])
            return file.map { "the name of the attached file \($0["name"] as String)" }
        }
    }
}
