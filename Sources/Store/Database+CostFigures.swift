package import Budgets
internal import Model

import GRDB

extension Database {
    /// The ledger as alerts look at it, now.
    package func costFigures() async throws -> CostFigures {
        let now = clock.now().milliseconds
        let (hour, day): (Int64, Int64) = (3_600_000, 86_400_000)
        return try await read { db in
            var figures = CostFigures()
            figures.lastDay = try Self.days(from: now - day, until: .max, on: db)
            figures.before = try Self.days(from: now - 8 * day, until: now - day, on: db)
            let days = try db.row(
                """
                SELECT COUNT(DISTINCT (?2 - started) / 86400000) AS days FROM model_calls
                WHERE started >= ?1 AND started < ?2 AND microdollars > 0
                """, [now - 8 * day, now - day])
            figures.daysBefore = days?["days"] ?? 0
            figures.conversations = try db.rows(
                """
                SELECT m.conversation AS id, MAX(c.title) AS title, COUNT(*) AS calls, SUM(m.microdollars) AS cost
                FROM model_calls m JOIN conversations c ON c.id = m.conversation
                WHERE m.started >= ? GROUP BY m.conversation
                """, [now - hour]
            ).map {
                CostFigures.Conversation(id: $0["id"], title: $0["title"], calls: $0["calls"], microdollars: $0["cost"])
            }
            for row in try db.rows(
                """
                SELECT m.task, m.task_run AS run, SUM(m.microdollars) AS cost,
                    COALESCE((SELECT name FROM tasks t WHERE t.id = m.task), m.task) AS name
                FROM model_calls m WHERE m.task_run IS NOT NULL AND m.started >= ? GROUP BY m.task_run
                """, [now - day])
            {
                let earlier = try db.rows(
                    """
                    SELECT SUM(microdollars) AS cost FROM model_calls
                    WHERE task = ? AND task_run <> ? AND started >= ? GROUP BY task_run ORDER BY MAX(started) DESC LIMIT 20
                    """, [row["task"] as String?, row["run"] as String, now - 90 * day]
                ).map { $0["cost"] as Int64 }
                figures.runs.append(
                    CostFigures.Run(
                        task: row["task"] ?? "", name: row["name"] ?? "", run: row["run"], microdollars: row["cost"],
                        earlier: earlier))
            }
            return figures
        }
    }

    private static func days(from start: Int64, until end: Int64, on db: Connection) throws -> CostFigures.Days {
        var days = CostFigures.Days()
        let row = try db.row(
            """
            SELECT COUNT(*) AS calls, COALESCE(SUM(microdollars), 0) AS cost, COALESCE(SUM(tier = 'best'), 0) AS best,
                COALESCE(SUM(input_tokens + cache_read_tokens + cache_write_tokens), 0) AS tokens,
                COALESCE(SUM(cache_read_tokens), 0) AS cached
            FROM model_calls WHERE started >= ? AND started < ?
            """, [start, end])
        guard let row else { return days }
        (days.calls, days.microdollars, days.bestCalls) = (row["calls"], row["cost"], row["best"])
        (days.tokens, days.cachedTokens) = (row["tokens"], row["cached"])
        return days
    }

    /// Remembers that people are told of an alert; false where they were within the last day.
    package func claimAlert(_ key: String) async throws -> Bool {
        try await write { [self] db in
            let now = clock.now().milliseconds
            try db.run("DELETE FROM cost_alerts WHERE at <= ?", [now - 86_400_000])
            try db.run("INSERT OR IGNORE INTO cost_alerts (key, at) VALUES (?, ?)", [key.storable.cut(to: 200), now])
            return db.changesCount == 1
        }
    }
}
