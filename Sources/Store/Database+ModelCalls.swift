package import Budgets
package import Model

import GRDB

/// What one call of a model cost, and for whom it was made.
package struct ModelCallEntry: Sendable, Hashable {
    package let session: SessionID?
    package let conversation: ConversationID?
    package let channel: ChannelID?
    package let requester: PersonID?
    /// What it was made for; `nil` for calls from before this was kept.
    package let turn: MessageID?
    /// The task and which run of it, where it was no person's question.
    package var task: String?
    package var run: String?
    package var skill: String?
    package var subagent: String?
    package var tier: String
    package var provider: String
    package var model: String
    package var inputTokens = 0
    package var outputTokens = 0
    package var cacheReadTokens = 0
    package var cacheWriteTokens = 0
    /// Millionths of a US dollar.
    package var microdollars: Int64 = 0
    package var milliseconds: Int64 = 0
    package var stopReason: String?
    package var error: String?
    /// Its bill never came: `microdollars` is the most it may have cost.
    package var isEstimate = false
    package var started: Timestamp

    package init(
        _ subject: BudgetSubject, turn: MessageID, tier: String, provider: String, model: String, started: Timestamp
    ) {
        session = subject.session
        conversation = subject.conversation
        channel = subject.channel
        requester = subject.person
        task = subject.task
        run = subject.run
        self.turn = turn
        self.tier = tier
        self.provider = provider
        self.model = model
        self.started = started
    }

    init(_ row: Row) {
        session = row.optionalID("session")
        conversation = row.optionalID("conversation")
        channel = row.optionalID("channel")
        requester = row.optionalID("requester")
        turn = row.optionalID("turn")
        task = row["task"]
        run = row["task_run"]
        skill = row["skill"]
        subagent = row["subagent"]
        tier = row["tier"]
        provider = row["provider"]
        model = row["model"]
        started = row.time("started")
        inputTokens = row["input_tokens"]
        outputTokens = row["output_tokens"]
        cacheReadTokens = row["cache_read_tokens"]
        cacheWriteTokens = row["cache_write_tokens"]
        microdollars = row["microdollars"]
        milliseconds = row["milliseconds"]
        stopReason = row["stop_reason"]
        error = row["error"]
        isEstimate = row["is_estimate"]
    }
}

extension Database {
    /// Books a call, and gives back what was set aside for it, in one transaction: what is spent and what is reserved never
    /// show a call twice, nor not at all. It counts in the period it was reserved in. A reservation that is not there (any
    /// more) gives nothing back.
    package func recordModelCall(_ call: ModelCallEntry, settling reservation: Int64? = nil) async throws {
        try await write { db in
            var call = call
            if let reservation {
                let row = try db.row("SELECT at FROM budget_reservations WHERE id = ?", [reservation])
                if let row { call.started = row.time("at") }
                try db.run("DELETE FROM budget_reservations WHERE id = ?", [reservation])
            }
            try Self.insert(call, on: db)
        }
    }

    static func insert(_ call: ModelCallEntry, on db: Connection) throws {
        try db.run(
            """
            INSERT INTO model_calls
                (session, conversation, channel, requester, turn, task, task_run, skill, subagent, tier, provider,
                 model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, microdollars, milliseconds,
                 stop_reason, error, is_estimate, started)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                call.session?.rawValue, call.conversation?.rawValue, call.channel?.rawValue, call.requester?.rawValue,
                call.turn?.rawValue, call.task, call.run, call.skill, call.subagent, call.tier, call.provider,
                call.model.storable.cut(to: 200), call.inputTokens, call.outputTokens, call.cacheReadTokens,
                call.cacheWriteTokens, max(0, call.microdollars), call.milliseconds,
                call.stopReason?.storable.cut(to: 100), call.error?.storable.cut(to: 1000), call.isEstimate,
                call.started.milliseconds,
            ])
    }

    /// A session's, oldest first.
    package func modelCalls(session: SessionID) async throws -> [ModelCallEntry] {
        try await read { db in
            try db.rows("SELECT * FROM model_calls WHERE session = ? ORDER BY id", [session.rawValue])
                .map(ModelCallEntry.init)
        }
    }
}
