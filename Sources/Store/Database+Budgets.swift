package import Budgets
package import Model

import GRDB

/// A call that is about to be made, at the most it may cost.
package struct ReservationDraft: Sendable, Hashable {
    package var subject: BudgetSubject
    package var turn: MessageID
    package var skill: String?
    package var subagent: String?
    package var tier: String
    package var provider: String
    package var model: String
    /// Millionths of a US dollar.
    package var microdollars: Int64

    package init(
        _ subject: BudgetSubject, turn: MessageID, tier: String, provider: String, model: String, microdollars: Int64
    ) {
        self.subject = subject
        self.turn = turn
        self.tier = tier
        self.provider = provider
        self.model = model
        self.microdollars = microdollars
    }
}

/// What is set aside for one call; given back by ``Database/recordModelCall(_:settling:)``.
package struct Reservation: Sendable, Hashable {
    package let id: Int64
    package let microdollars: Int64
    /// When it was made: the call counts in that period, however long it takes.
    package let at: Timestamp
}

extension Database {
    /// Sets the call's most aside where every account it counts against has room for it, in one transaction: however many
    /// ask at once, what is spent and reserved stays within every hard limit. Throws `BudgetShortage` where one has not.
    package func reserve(_ draft: ReservationDraft, within book: BudgetBook) async throws -> Reservation {
        let made = try await write { [self] db -> Result<Reservation, BudgetShortage> in
            let now = clock.now()
            let balances = try book.accounts(of: draft.subject, at: now).map { try Self.balance($0, on: db) }
            let short = balances.filter { !$0.has(roomFor: draft.microdollars) }
            guard short.isEmpty else {
                return .failure(BudgetShortage(short, needing: draft.microdollars, zone: book.zone))
            }
            let subject = draft.subject
            try db.run(
                """
                INSERT INTO budget_reservations
                    (session, conversation, channel, requester, turn, task, task_run, skill, subagent, tier, provider,
                     model, microdollars, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    subject.session?.rawValue, subject.conversation.rawValue, subject.channel.rawValue,
                    subject.person.rawValue, draft.turn.rawValue, subject.task, subject.run, draft.skill,
                    draft.subagent, draft.tier, draft.provider, draft.model.storable.cut(to: 200),
                    max(0, draft.microdollars), now.milliseconds,
                ])
            return .success(
                Reservation(id: db.lastInsertedRowID, microdollars: max(0, draft.microdollars), at: now))
        }
        return try made.get()
    }

    /// How the accounts stand that a call for `subject` would count against now.
    package func balances(of subject: BudgetSubject, in book: BudgetBook) async throws -> [BudgetBalance] {
        let accounts = book.accounts(of: subject, at: clock.now())
        return try await read { db in try accounts.map { try Self.balance($0, on: db) } }
    }

    /// Books every reservation at the most its call may have cost: at start, for those of a process that is gone. Nobody
    /// knows how far their calls came, and the provider bills what was sent; booked at less, crashing would be a way to spend
    /// more. Returns how many there were.
    @discardableResult
    package func bookDeadReservations() async throws -> Int {
        try await write { db in
            let rows = try db.rows("SELECT * FROM budget_reservations ORDER BY id")
            for row in rows {
                try Self.insert(Self.unbilled(row), on: db)
                try db.run("DELETE FROM budget_reservations WHERE id = ?", [row["id"] as Int64])
            }
            return rows.count
        }
    }

    /// What is set aside now, of everybody.
    package func reservedMicrodollars() async throws -> Int64 {
        try await read { db in
            try db.row("SELECT COALESCE(SUM(microdollars), 0) AS sum FROM budget_reservations")?["sum"] ?? 0
        }
    }

    private static func unbilled(_ row: Row) -> ModelCallEntry {
        let subject = BudgetSubject(
            person: row.id("requester"), channel: row.id("channel"), conversation: row.id("conversation"),
            session: row.id("session"), task: row["task"], run: row["task_run"])
        var entry = ModelCallEntry(
            subject, turn: row.id("turn"), tier: row["tier"], provider: row["provider"], model: row["model"],
            started: row.time("at"))
        entry.skill = row["skill"]
        entry.subagent = row["subagent"]
        entry.microdollars = row["microdollars"]
        entry.isEstimate = true
        entry.error = "Bulkhead ended during this call; booked at the most it may have cost."
        return entry
    }

    static func balance(_ account: BudgetAccount, on db: Connection) throws -> BudgetBalance {
        let (start, end) = (account.window.start.milliseconds, account.window.end?.milliseconds ?? .max)
        let row = try db.row(
            """
            SELECT (SELECT COALESCE(SUM(microdollars), 0) FROM spend
                    WHERE account = ?1 AND quarter >= ?2 / 900000 AND quarter < ?3 / 900000) AS spent,
                (SELECT COALESCE(SUM(microdollars), 0) FROM budget_holds
                    WHERE account = ?1 AND at >= ?2 AND at < ?3) AS reserved
            """, [account.name, start, end])
        return BudgetBalance(account, spent: row?["spent"] ?? 0, reserved: row?["reserved"] ?? 0)
    }
}
