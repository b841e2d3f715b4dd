package import Model

import GRDB

/// What calls of models came to, of one kind of them.
package struct CostRow: Sendable, Hashable {
    /// By which they were put together: an identifier or a word; empty for those that have none.
    package let key: String
    /// For people.
    package let name: String
    package internal(set) var calls = 0
    package internal(set) var inputTokens: Int64 = 0
    package internal(set) var outputTokens: Int64 = 0
    package internal(set) var cacheReadTokens: Int64 = 0
    package internal(set) var cacheWriteTokens: Int64 = 0
    /// Millionths of a US dollar.
    package internal(set) var microdollars: Int64 = 0
    /// Calls of these that were booked without the provider's own figures.
    package internal(set) var estimates = 0

    package init(key: String, name: String) {
        self.key = key
        self.name = name
    }

    init(_ row: Row) {
        key = row["key"] ?? ""
        name = row["name"] ?? key
        calls = row["calls"]
        inputTokens = row["input"]
        outputTokens = row["output"]
        cacheReadTokens = row["cache_read"]
        cacheWriteTokens = row["cache_write"]
        microdollars = row["cost"]
        estimates = row["estimates"]
    }

    package mutating func add(_ other: CostRow) {
        calls += other.calls
        inputTokens += other.inputTokens
        outputTokens += other.outputTokens
        cacheReadTokens += other.cacheReadTokens
        cacheWriteTokens += other.cacheWriteTokens
        microdollars += other.microdollars
        estimates += other.estimates
    }
}

/// By what costs are put together.
package enum CostGrouping: String, Sendable, CaseIterable {
    case person, channel, conversation, session, tier, model, provider, task, skill, subagent
    /// By quarter of an hour since 1970: whoever asks makes days of a zone of them.
    case quarter

    /// The column, what people call it, and where that stands.
    fileprivate var parts: (key: String, name: String, join: String) {
        switch self {
        case .person: ("m.requester", "p.name", "LEFT JOIN people p ON p.id = m.requester")
        case .channel: ("m.channel", "h.name", "LEFT JOIN channels h ON h.id = m.channel")
        case .conversation: ("m.conversation", "c.title", "LEFT JOIN conversations c ON c.id = m.conversation")
        case .session: ("m.session", "m.session", "")
        case .tier: ("m.tier", "m.tier", "")
        case .model: ("m.model", "m.model", "")
        case .provider: ("m.provider", "m.provider", "")
        case .task: ("m.task", "m.task", "")
        case .skill: ("m.skill", "m.skill", "")
        case .subagent: ("m.subagent", "m.subagent", "")
        case .quarter: ("CAST(m.started / 900000 AS TEXT)", "NULL", "")
        }
    }
}

extension Database {
    /// What was spent from `start` on, the dearest first; `person`: for them alone. At most `limit` rows.
    package func costs(
        by grouping: CostGrouping, since start: Timestamp, for person: PersonID? = nil, limit: Int = 1_000
    ) async throws -> [CostRow] {
        let parts = grouping.parts
        return try await read { db in
            try db.rows(
                """
                SELECT \(parts.key) AS key, MAX(\(parts.name)) AS name, COUNT(*) AS calls, SUM(m.input_tokens) AS input,
                    SUM(m.output_tokens) AS output, SUM(m.cache_read_tokens) AS cache_read,
                    SUM(m.cache_write_tokens) AS cache_write, SUM(m.microdollars) AS cost,
                    SUM(m.is_estimate) AS estimates
                FROM model_calls m \(parts.join)
                WHERE m.started >= ?1 AND (?2 IS NULL OR m.requester = ?2)
                GROUP BY \(parts.key) ORDER BY cost DESC, calls DESC, key LIMIT ?3
                """, [start.milliseconds, person?.rawValue, limit]
            ).map(CostRow.init)
        }
    }

    /// What has gone from an account between the two times, to the quarter of an hour; and when anything first did.
    package func spent(
        from account: String, since start: Timestamp, until end: Timestamp
    ) async throws -> (microdollars: Int64, first: Timestamp?) {
        try await read { db in
            let row = try db.row(
                """
                SELECT (SELECT COALESCE(SUM(microdollars), 0) FROM spend
                        WHERE account = ?1 AND quarter >= ?2 / 900000 AND quarter < (?3 + 899999) / 900000) AS sum,
                    (SELECT MIN(quarter) FROM spend WHERE account = ?1) AS first
                """, [account, start.milliseconds, end.milliseconds])
            let first = (row?["first"] as Int64?).map { Timestamp(milliseconds: $0 * 900_000) }
            return (row?["sum"] ?? 0, first)
        }
    }
}
