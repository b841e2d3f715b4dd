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
    }
}

extension Database {
    /// What is due now, oldest first. Counts the attempt before it is made, durably, so that one broken off is known.
    package func claimOutbox(surface: String, limit: Int = 50) async throws -> [OutboxRecord] {
        try await write { [self] db in
            let rows = try db.rows(
                """
                SELECT o.*, m.text, m.conversation FROM outbox o JOIN messages m ON m.id = o.message
                WHERE o.surface = ? AND o.state = 'pending' AND o.next_attempt <= ? ORDER BY o.id LIMIT ?
                """, [surface, clock.now().milliseconds, limit])
            for row in rows {
                try db.run("UPDATE outbox SET attempts = attempts + 1 WHERE id = ?", [row["id"] as Int64])
            }
            return rows.map(OutboxRecord.init)
        }
    }

    /// `reference`: the surface's own name of what was posted. Throws `.conflict` where it is not pending.
    package func markDelivered(_ id: Int64, reference: String?) async throws {
        try await settleOutbox(id, state: "delivered", reference: reference, error: nil, retryAt: nil)
    }

    /// `retryAt` nil: given up.
    package func markFailed(_ id: Int64, error: String, retryAt: Timestamp?) async throws {
        try await settleOutbox(
            id, state: retryAt == nil ? "failed" : "pending", reference: nil, error: error, retryAt: retryAt)
    }

    func enqueue(_ delivery: Delivery, of message: MessageID, on db: Connection) throws {
        let now = clock.now().milliseconds
        try db.run(
            """
            INSERT INTO outbox (message, surface, address, state, next_attempt, created)
            VALUES (?, ?, ?, 'pending', ?, ?)
            """, [message.rawValue, delivery.surface, delivery.address, now, now])
    }

    private func settleOutbox(
        _ id: Int64, state: String, reference: String?, error: String?, retryAt: Timestamp?
    ) async throws {
        try await write { [self] db in
            let now = clock.now().milliseconds
            try db.run(
                """
                UPDATE outbox SET state = ?, reference = ?, last_error = ?, next_attempt = ?, delivered = ?
                WHERE id = ? AND state = 'pending'
                """,
                [
                    state, reference?.storable, error?.storable.cut(to: 1000), retryAt?.milliseconds ?? now,
                    state == "delivered" ? now : nil, id,
                ])
            guard db.changesCount == 1 else {
                throw StoreError(.conflict, "The delivery \(id) is not waiting any more.")
            }
        }
    }
}
