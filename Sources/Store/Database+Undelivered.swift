package import Model

import GRDB

/// How a surface's outbox stands.
package struct OutboxStatus: Sendable, Hashable {
    package var waiting: Int
    /// When the oldest that waits was said.
    package var oldest: Timestamp?
    /// Given up since the time that was asked for.
    package var failed: Int
}

// What could not be carried to where it belongs: whoever asked for it is told where they are, and it stays in the
// conversation.
extension Database {
    /// Gives up a delivery, and tells the one person it was for, both or neither. `words` makes the sentence of the text
    /// that was not delivered, `nil` where that person may not read it any more; `nil` for whom nobody has to be told. What
    /// is itself in somebody's direct channel is told to nobody: the way to tell it is the one that failed.
    /// Returns the notice, where there is one.
    package func giveUp(
        _ id: Int64, error: String, words: @escaping @Sendable (_ text: String?) -> String
    ) async throws -> MessageRecord? {
        try await write { [self] db in
            guard
                let row = try db.row(
                    """
                    SELECT m.id, m.conversation, m.text, h.kind, COALESCE(q.author, m.author, s.requester) AS person
                    FROM outbox o JOIN messages m ON m.id = o.message JOIN conversations c ON c.id = m.conversation
                    JOIN channels h ON h.id = c.channel LEFT JOIN messages q ON q.id = m.in_reply_to
                    LEFT JOIN sessions s ON s.id = m.session WHERE o.id = ?
                    """, [id])
            else { throw StoreError(.notFound, "There is no delivery \(id).") }
            try settleOutbox(id, state: "failed", reference: nil, error: error, retryAt: nil, on: db)
            let person: PersonID? = row.optionalID("person")
            guard let person, try row.word("kind", as: ChannelRecord.Kind.self) == .room else { return nil }
            let mayRead = try Self.mayRead(conversation: row.id("conversation"), person: person, on: db)
            return try addNotice(
                to: person, title: Self.undeliveredTitle, text: words(mayRead ? row["text"] : nil), on: db)
        }
    }

    /// Gives up everything that was said before `time` and still waits: nobody wants a hundred stale answers at once.
    /// Each person it was for is told, once, in the words made of how many there are. Returns the notices.
    package func giveUpOutbox(
        surface: String, before time: Timestamp, words: @escaping @Sendable (Int) -> String
    ) async throws -> [MessageRecord] {
        try await write { [self] db in
            let people = try db.rows(
                """
                SELECT COALESCE(q.author, m.author, s.requester) AS person, COUNT(*) AS count, MAX(h.kind = 'room') AS tells
                FROM outbox o JOIN messages m ON m.id = o.message JOIN conversations c ON c.id = m.conversation
                JOIN channels h ON h.id = c.channel LEFT JOIN messages q ON q.id = m.in_reply_to
                LEFT JOIN sessions s ON s.id = m.session
                WHERE o.surface = ? AND o.state = 'pending' AND o.created < ? GROUP BY person
                """, [surface, time.milliseconds])
            guard !people.isEmpty else { return [] }
            try db.run(
                """
                UPDATE outbox SET state = 'failed', last_error = 'it had waited too long'
                WHERE surface = ? AND state = 'pending' AND created < ?
                """, [surface, time.milliseconds])
            return try people.compactMap { row in
                let person: PersonID? = row.optionalID("person")
                guard let person, row["tells"] as Bool else { return nil }
                return try addNotice(to: person, title: Self.undeliveredTitle, text: words(row["count"]), on: db)
            }
        }
    }

    package func outboxStatus(surface: String, failedSince time: Timestamp) async throws -> OutboxStatus {
        try await read { db in
            let open = try db.row(
                """
                SELECT COUNT(*) AS count, MIN(created) AS oldest FROM outbox
                WHERE surface = ? AND state IN ('pending', 'claimed')
                """, [surface])
            let failed = try db.row(
                "SELECT COUNT(*) AS count FROM outbox WHERE surface = ? AND state = 'failed' AND created >= ?",
                [surface, time.milliseconds])
            return OutboxStatus(
                waiting: open?["count"] ?? 0, oldest: open?.optionalTime("oldest"), failed: failed?["count"] ?? 0)
        }
    }

    private static var undeliveredTitle: String { "Could not be delivered" }
}
