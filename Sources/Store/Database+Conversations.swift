package import Model

import GRDB

package struct ConversationRecord: Sendable, Hashable {
    package let id: ConversationID
    package let channel: ChannelID
    package let title: String
    package let mode: Mode
    package let created: Timestamp
    package let updated: Timestamp

    init(_ row: Row) throws {
        id = row.id("id")
        channel = row.id("channel")
        title = row["title"]
        mode = try row.word("mode")
        created = row.time("created")
        updated = row.time("updated")
    }
}

extension Database {
    package func conversation(_ id: ConversationID) async throws -> ConversationRecord? {
        try await read { db in
            try db.row("SELECT * FROM conversations WHERE id = ?", [id.rawValue]).map(ConversationRecord.init)
        }
    }

    /// Those in which something was said, newest first.
    package func conversations(in channel: ChannelID, limit: Int = 200) async throws -> [ConversationRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT * FROM conversations c WHERE channel = ? AND EXISTS (SELECT 1 FROM messages WHERE conversation = c.id)
                ORDER BY updated DESC, id DESC LIMIT ?
                """, [channel.rawValue, limit]
            ).map(ConversationRecord.init)
        }
    }

    /// Whether the change is one this person may make is the caller's to decide.
    package func setMode(_ mode: Mode, of id: ConversationID) async throws {
        try await write { db in
            try db.run("UPDATE conversations SET mode = ? WHERE id = ?", [mode.rawValue, id.rawValue])
            guard db.changesCount == 1 else { throw StoreError(.notFound, "There is no conversation \(id).") }
        }
    }

    static func conversation(_ id: ConversationID, on db: Connection) throws -> ConversationRecord {
        guard let row = try db.row("SELECT * FROM conversations WHERE id = ?", [id.rawValue]) else {
            throw StoreError(.notFound, "There is no conversation \(id).")
        }
        return try ConversationRecord(row)
    }

    /// The first line that says something, short enough for a list.
    static func title(from text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first { $0.contains { !$0.isWhitespace } }
        return line.map { String($0.drop(while: \.isWhitespace)).cut(to: 80) } ?? "(no text)"
    }
}
