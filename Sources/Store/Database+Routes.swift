package import Model

import GRDB

extension Database {
    /// A turn that is begun anew has its new decision.
    package func saveRoute(_ route: RouteRecord) async throws {
        try await write { db in
            try db.run(
                """
                INSERT OR REPLACE INTO route_decisions
                    (turn, session, conversation, channel, requester, at, version, score, routed, started, tier, requested,
                     is_throttled, shadow, reason, features, outcome)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    route.turn.rawValue, route.session.rawValue, route.conversation.rawValue, route.channel.rawValue,
                    route.requester.rawValue, route.at.milliseconds, route.version, route.score, route.routed,
                    route.started, route.tier, route.requested, route.isThrottled, route.shadow,
                    route.reason.storable.cut(to: 1_000), route.features.storable.cut(to: 4_000), route.outcome,
                ])
        }
    }

    package func route(of turn: MessageID) async throws -> RouteRecord? {
        try await read { db in
            try db.row("SELECT * FROM route_decisions WHERE turn = ?", [turn.rawValue]).map(RouteRecord.init)
        }
    }

    /// The turn goes on with another tier.
    package func moveRoute(_ turn: MessageID, to tier: String, because reason: String) async throws {
        try await write { [self] db in
            try db.run(
                """
                INSERT INTO route_switches (turn, at, before, after, reason)
                SELECT turn, ?, tier, ?, ? FROM route_decisions WHERE turn = ?
                """, [clock.now().milliseconds, tier, reason.storable.cut(to: 500), turn.rawValue])
            try db.run("UPDATE route_decisions SET tier = ? WHERE turn = ?", [tier, turn.rawValue])
        }
    }

    /// Why the turn went on with another tier, in order.
    package func routeSwitches(of turn: MessageID) async throws -> [String] {
        try await read { db in
            try db.rows("SELECT before, after, reason FROM route_switches WHERE turn = ? ORDER BY id", [turn.rawValue])
                .map { "\($0["before"] as String) to \($0["after"] as String): \($0["reason"] as String)" }
        }
    }

    package func endRoute(_ turn: MessageID, _ outcome: String) async throws {
        try await write { db in
            try db.run("UPDATE route_decisions SET outcome = ? WHERE turn = ?", [outcome, turn.rawValue])
        }
    }

    /// For a turn of `session` that begins with the message `turn`.
    package func routeFacts(before turn: MessageID, session: SessionID) async throws -> RouteFacts {
        try await read { db in
            let opening = try Self.message(turn, on: db)
            var facts = RouteFacts()
            let counts = try db.row(
                """
                SELECT (SELECT COUNT(*) FROM messages WHERE conversation = ?1 AND seq < ?2) AS depth,
                    (SELECT COUNT(*) FROM tool_calls WHERE session = ?3) AS calls,
                    (SELECT COUNT(*) FROM tool_calls WHERE session = ?3 AND state = 'failed') AS failed
                """, [opening.conversation.rawValue, opening.sequence, session.rawValue])
            if let counts {
                (facts.depth, facts.toolCalls, facts.failedCalls) = (counts["depth"], counts["calls"], counts["failed"])
            }
            facts.previous = try db.row(
                """
                SELECT * FROM route_decisions WHERE conversation = ? AND requester = ? AND turn <> ?
                ORDER BY at DESC, turn DESC LIMIT 1
                """, [opening.conversation.rawValue, opening.author?.rawValue, turn.rawValue]
            ).map(RouteRecord.init)
            if let previous = facts.previous {
                facts.wasToldWrong = try db.exists(
                    """
                    SELECT 1 FROM answer_feedback f JOIN messages m ON m.id = f.message
                    WHERE m.in_reply_to = ? AND f.person = ? AND f.value = 'bad'
                    """, [previous.turn.rawValue, previous.requester.rawValue])
            }
            for row in try db.rows(
                "SELECT tier, outcome FROM route_decisions WHERE session = ? AND turn <> ? ORDER BY at DESC LIMIT 20",
                [session.rawValue, turn.rawValue])
            {
                guard row["outcome"] == "answered", row["tier"] == facts.previous?.tier else { break }
                facts.goodTurns += 1
            }
            if let call = try db.row(
                """
                SELECT started + milliseconds AS ended, input_tokens + cache_read_tokens + cache_write_tokens AS tokens
                FROM model_calls WHERE session = ? ORDER BY id DESC LIMIT 1
                """, [session.rawValue])
            {
                (facts.lastCall, facts.lastTokens) = (call.time("ended"), call["tokens"])
            }
            return facts
        }
    }

    /// Decisions since then, newest first, with what each turn took and what became of it.
    package func routeOutcomes(since start: Timestamp, limit: Int = 100_000) async throws -> [RouteOutcome] {
        try await read { db in
            try db.rows(
                """
                SELECT r.*, COALESCE(c.calls, 0) AS calls, COALESCE(c.input, 0) AS input,
                    COALESCE(c.output, 0) AS output, COALESCE(c.cache_read, 0) AS cache_read,
                    COALESCE(c.cache_write, 0) AS cache_write, COALESCE(c.cost, 0) AS cost,
                    (SELECT COUNT(*) FROM route_switches s WHERE s.turn = r.turn) AS switches,
                    EXISTS (SELECT 1 FROM answer_feedback f JOIN messages m ON m.id = f.message
                            WHERE m.in_reply_to = r.turn AND f.value = 'bad') AS bad
                FROM route_decisions r LEFT JOIN (
                    SELECT turn, COUNT(*) AS calls, SUM(input_tokens) AS input, SUM(output_tokens) AS output,
                        SUM(cache_read_tokens) AS cache_read, SUM(cache_write_tokens) AS cache_write,
                        SUM(microdollars) AS cost
                    FROM model_calls WHERE started >= ?1 GROUP BY turn) c ON c.turn = r.turn
                WHERE r.at >= ?1 ORDER BY r.at DESC, r.turn LIMIT ?2
                """, [start.milliseconds, limit]
            ).map(RouteOutcome.init)
        }
    }
}
