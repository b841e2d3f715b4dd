package import Model

import GRDB

/// A conversation whose messages wait for money.
package struct BudgetWait: Sendable, Hashable {
    package let conversation: ConversationID
    /// What there has to be room for: the call that could not be made, at the most it may cost.
    package let microdollars: Int64
    package let since: Timestamp

    init(_ row: Row) {
        conversation = row.id("conversation")
        microdollars = row["microdollars"]
        since = row.time("at")
    }
}

// What waits for money is what waits in the inbox: it survives restarts, is answered in order, and can be taken back.
extension Database {
    /// Ends a turn that ran out of money with a notice, and puts the wish to go on with it into the inbox, as its
    /// requester's: it opens a turn of its own once there is money. One transaction. Throws `.conflict` where the turn is
    /// over.
    package func pauseTurn(_ turn: MessageID, needing microdollars: Int64, notice: String) async throws
        -> [MessageRecord]
    {
        try await write { [self] db in
            let opening = try Self.message(turn, on: db)
            guard opening.state == .taken, opening.turn == opening.id, let session = opening.session,
                let author = opening.author
            else { throw StoreError(.conflict, "The turn \(turn) is over: it has been answered or taken back.") }
            let entry = try insertEntry(
                .notice, text: notice, inReplyTo: opening.id, session: session, conversation: opening.conversation,
                on: db)
            try db.run("UPDATE messages SET state = 'done' WHERE turn = ? AND state = 'taken'", [turn.rawValue])
            let id: MessageID = identifiers.make()
            let now = clock.now()
            try db.run(
                """
                INSERT INTO messages
                    (id, conversation, seq, kind, author, on_behalf_by, text, surface, surface_event_id, state, created)
                VALUES (?, ?, ?, 'user', ?, ?, ?, ?, ?, 'pending', ?)
                """,
                [
                    id.rawValue, opening.conversation.rawValue,
                    try Self.nextSequence(in: opening.conversation, on: db), author.rawValue,
                    opening.onBehalfBy?.rawValue, "To be gone on with once the budget allows it.",
                    MessageRecord.budgetSurface, turn.rawValue, now.milliseconds,
                ])
            try Self.wait(opening.conversation, needing: microdollars, now: now, on: db)
            return [entry, try Self.message(id, on: db)]
        }
    }

    /// Says in the conversation that what waits in it waits for money; `nil` where that was said.
    package func tellOfBudgetWait(
        in conversation: ConversationID, needing microdollars: Int64, notice: String
    ) async throws -> MessageRecord? {
        try await write { [self] db in
            let isKnown = try db.exists(
                "SELECT 1 FROM budget_waits WHERE conversation = ?", [conversation.rawValue])
            guard !isKnown else { return nil }
            try Self.wait(conversation, needing: microdollars, now: clock.now(), on: db)
            return try insertEntry(
                .notice, text: notice, inReplyTo: nil, session: nil, conversation: conversation, on: db)
        }
    }

    package func budgetWait(in conversation: ConversationID) async throws -> BudgetWait? {
        try await read { db in
            try db.row("SELECT * FROM budget_waits WHERE conversation = ?", [conversation.rawValue])
                .map(BudgetWait.init)
        }
    }

    /// The longest first.
    package func budgetWaits() async throws -> [BudgetWait] {
        try await read { db in
            try db.rows("SELECT * FROM budget_waits ORDER BY at, conversation").map(BudgetWait.init)
        }
    }

    package func endBudgetWait(in conversation: ConversationID) async throws {
        try await write { db in
            try db.run("DELETE FROM budget_waits WHERE conversation = ?", [conversation.rawValue])
        }
    }

    /// The requester wants turns that ran out of money not to be gone on with. Returns how many those were.
    package func withdrawPaused(in conversation: ConversationID, of author: PersonID) async throws -> Int {
        try await write { db in
            try db.run(
                """
                UPDATE messages SET state = 'cancelled'
                WHERE conversation = ? AND author = ? AND surface = ? AND state = 'pending'
                """, [conversation.rawValue, author.rawValue, MessageRecord.budgetSurface])
            return db.changesCount
        }
    }

    private static func wait(
        _ conversation: ConversationID, needing microdollars: Int64, now: Timestamp, on db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO budget_waits (conversation, microdollars, at) VALUES (?, ?, ?)
            ON CONFLICT (conversation) DO UPDATE SET microdollars = excluded.microdollars
            """, [conversation.rawValue, max(1, microdollars), now.milliseconds])
    }
}
