package import Model

import GRDB

/// A line that has to be carried to a surface outside.
package struct OutboxRecord: Sendable, Hashable {
    package let id: Int64
    package let message: MessageID
    package let conversation: ConversationID
    package let surface: String
    package let address: String
    package let text: String
    /// More than 0: it may have got there before a crash; look for the message's marker first.
    package let attempts: Int
    package let lastError: String?
    package let created: Timestamp
    /// The message that opened the turn which this line ended.
    package let turn: MessageID?

    init(_ row: Row) {
        id = row["id"]
        message = row.id("message")
        conversation = row.id("conversation")
        surface = row["surface"]
        address = row["address"]
        text = row["text"]
        attempts = row["attempts"]
        lastError = row["last_error"]
        created = row.time("created")
        turn = row.optionalID("in_reply_to")
    }
}

// Order is kept for each address: nothing of one is claimed while something earlier of it waits or is under way.
extension Database {
    /// Whenever something is put into the outbox, or changes in it.
    package func outboxChanges() -> AsyncStream<Void> { changes(of: "outbox") }

    /// What an earlier process had under way waits again. To be called once, before the first claim.
    package func releaseOutbox(surface: String) async throws {
        try await write { db in
            try db.run("UPDATE outbox SET state = 'pending' WHERE surface = ? AND state = 'claimed'", [surface])
        }
    }

    /// What is due now, oldest first: the first of each address. Counts the attempt before it is made, durably, so that one
    /// broken off is known. What was claimed is settled by `markDelivered`, `markFailed` or `giveBack`.
    package func claimOutbox(surface: String, limit: Int = 50) async throws -> [OutboxRecord] {
        try await write { [self] db in
            let rows = try db.rows(
                """
                SELECT o.*, m.text, m.conversation, m.in_reply_to FROM outbox o JOIN messages m ON m.id = o.message
                WHERE o.surface = ? AND o.state = 'pending' AND o.next_attempt <= ? AND NOT EXISTS (
                    SELECT 1 FROM outbox e WHERE e.surface = o.surface AND e.address = o.address AND e.id < o.id
                        AND e.state IN ('pending', 'claimed'))
                ORDER BY o.id LIMIT ?
                """, [surface, clock.now().milliseconds, limit])
            for row in rows {
                try db.run(
                    "UPDATE outbox SET state = 'claimed', attempts = attempts + 1 WHERE id = ?", [row["id"] as Int64])
            }
            return rows.map(OutboxRecord.init)
        }
    }

    /// When the next is due, now or later; `nil` where nothing waits that could be claimed.
    package func nextDelivery(surface: String) async throws -> Timestamp? {
        try await read { db in
            let row = try db.row(
                """
                SELECT MIN(o.next_attempt) AS due FROM outbox o WHERE o.surface = ? AND o.state = 'pending'
                    AND NOT EXISTS (
                        SELECT 1 FROM outbox e WHERE e.surface = o.surface AND e.address = o.address AND e.id < o.id
                            AND e.state IN ('pending', 'claimed'))
                """, [surface])
            return row?.optionalTime("due")
        }
    }

    /// `reference`: the surface's own name of what was posted. Throws `.conflict` where it is not under way.
    package func markDelivered(_ id: Int64, reference: String?) async throws {
        try await settleOutbox(id, state: "delivered", reference: reference, error: nil, retryAt: nil)
    }

    /// `retryAt` nil: given up.
    package func markFailed(_ id: Int64, error: String, retryAt: Timestamp?) async throws {
        try await settleOutbox(
            id, state: retryAt == nil ? "failed" : "pending", reference: nil, error: error, retryAt: retryAt)
    }

    /// It was not tried: what is wrong is nothing of its own. The attempt stays counted, which costs a look at most.
    package func giveBack(_ id: Int64) async throws {
        try await write { db in
            try db.run("UPDATE outbox SET state = 'pending' WHERE id = ? AND state = 'claimed'", [id])
        }
    }

    func enqueue(_ delivery: Delivery, of message: MessageID, on db: Connection) throws {
        let now = clock.now().milliseconds
        try db.run(
            """
            INSERT INTO outbox (message, surface, address, state, next_attempt, created)
            VALUES (?, ?, ?, 'pending', ?, ?) ON CONFLICT (message, surface, address) DO NOTHING
            """, [message.rawValue, delivery.surface, delivery.address, now, now])
    }

    private func settleOutbox(
        _ id: Int64, state: String, reference: String?, error: String?, retryAt: Timestamp?
    ) async throws {
        try await write { [self] db in
            try settleOutbox(id, state: state, reference: reference, error: error, retryAt: retryAt, on: db)
        }
    }

    func settleOutbox(
        _ id: Int64, state: String, reference: String?, error: String?, retryAt: Timestamp?, on db: Connection
    ) throws {
        let now = clock.now().milliseconds
        try db.run(
            """
            UPDATE outbox SET state = ?, reference = ?, last_error = ?, next_attempt = ?, delivered = ?
            WHERE id = ? AND state = 'claimed'
            """,
            [
                state, reference?.storable, error?.storable.cut(to: 1000), retryAt?.milliseconds ?? now,
                state == "delivered" ? now : nil, id,
            ])
        guard db.changesCount == 1 else {
            throw StoreError(.conflict, "The delivery \(id) is not under way any more.")
        }
    }
}
