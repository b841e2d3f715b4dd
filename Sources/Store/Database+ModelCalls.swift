package import Model

import GRDB

/// What one call of a model cost, and for whom it was made.
package struct ModelCallEntry: Sendable, Hashable {
    package var session: SessionID?
    package var conversation: ConversationID?
    package var requester: PersonID?
    /// What it was made for; `nil` for calls from before this was kept.
    package var turn: MessageID?
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
    package var started: Timestamp

    package init(
        session: SessionID?, conversation: ConversationID?, requester: PersonID?, tier: String, provider: String,
        model: String, started: Timestamp
    ) {
        self.session = session
        self.conversation = conversation
        self.requester = requester
        self.tier = tier
        self.provider = provider
        self.model = model
        self.started = started
    }

    init(_ row: Row) {
        self.init(
            session: row.optionalID("session"), conversation: row.optionalID("conversation"),
            requester: row.optionalID("requester"), tier: row["tier"], provider: row["provider"], model: row["model"],
            started: row.time("started"))
        turn = row.optionalID("turn")
        inputTokens = row["input_tokens"]
        outputTokens = row["output_tokens"]
        cacheReadTokens = row["cache_read_tokens"]
        cacheWriteTokens = row["cache_write_tokens"]
        microdollars = row["microdollars"]
        milliseconds = row["milliseconds"]
        stopReason = row["stop_reason"]
        error = row["error"]
    }
}

extension Database {
    package func recordModelCall(_ call: ModelCallEntry) async throws {
        try await write { db in
            try db.run(
                """
                INSERT INTO model_calls
                    (session, conversation, requester, tier, provider, model, input_tokens, output_tokens,
                     cache_read_tokens, cache_write_tokens, microdollars, milliseconds, stop_reason, error, started,
                     turn)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    call.session?.rawValue, call.conversation?.rawValue, call.requester?.rawValue, call.tier,
                    call.provider, call.model.storable.cut(to: 200), call.inputTokens, call.outputTokens,
                    call.cacheReadTokens, call.cacheWriteTokens, call.microdollars, call.milliseconds,
                    call.stopReason?.storable.cut(to: 100), call.error?.storable.cut(to: 1000),
                    call.started.milliseconds, call.turn?.rawValue,
                ])
        }
    }

    /// A session's, oldest first.
    package func modelCalls(session: SessionID) async throws -> [ModelCallEntry] {
        try await read { db in
            try db.rows("SELECT * FROM model_calls WHERE session = ? ORDER BY id", [session.rawValue])
                .map(ModelCallEntry.init)
        }
    }
}
