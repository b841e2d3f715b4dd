package import Model

import GRDB

package struct SessionRecord: Sendable, Hashable {
    package enum State: String, Sendable, Codable {
        case live, ended
        /// Waits for people and holds no containers.
        case suspended
    }

    package let id: SessionID
    package let conversation: ConversationID
    package let channel: ChannelID
    package let requester: PersonID
    package let requesterName: String
    /// The conversation's, now.
    package let mode: Mode
    package let labels: Labels
    package let state: State
    package let compartment: CompartmentID?
    package let started: Timestamp
    package let ended: Timestamp?
    package let endReason: String?

    init(_ row: Row) throws {
        id = row.id("id")
        conversation = row.id("conversation")
        channel = row.id("channel")
        requester = row.id("requester")
        requesterName = row["requester_name"]
        mode = try row.word("mode")
        labels = Labels(rawValue: row["labels"])
        state = try row.word("state")
        compartment = row.optionalID("compartment")
        started = row.time("started")
        ended = row.optionalTime("ended")
        endReason = row["end_reason"]
    }

    static let query = """
        SELECT s.*, c.channel, c.mode, p.name AS requester_name FROM sessions s
        JOIN conversations c ON c.id = s.conversation JOIN people p ON p.id = s.requester
        """
}

extension Database {
    /// Throws `.conflict` where (conversation, requester) has a session that has not ended, `.forbidden` where the
    /// requester may not read the conversation.
    package func startSession(
        conversation: ConversationID, requester: PersonID, compartment: CompartmentID? = nil, labels: Labels = []
    ) async throws -> SessionRecord {
        try await write { [self] db in
            guard try Self.mayRead(conversation: conversation, person: requester, on: db) else {
                throw StoreError(.forbidden, "The requester may not read that conversation.")
            }
            let isOpen = try db.exists(
                "SELECT 1 FROM sessions WHERE conversation = ? AND requester = ? AND state <> 'ended'",
                [conversation.rawValue, requester.rawValue])
            guard !isOpen else { throw StoreError(.conflict, "That person has a session there already.") }
            let id: SessionID = identifiers.make()
            try db.run(
                """
                INSERT INTO sessions (id, conversation, requester, labels, state, compartment, started)
                VALUES (?, ?, ?, ?, 'live', ?, ?)
                """,
                [
                    id.rawValue, conversation.rawValue, requester.rawValue, labels.rawValue, compartment?.rawValue,
                    clock.now().milliseconds,
                ])
            return try Self.session(id, on: db)
        }
    }

    package func session(_ id: SessionID) async throws -> SessionRecord? {
        try await read { db in
            try db.row(SessionRecord.query + " WHERE s.id = ?", [id.rawValue]).map(SessionRecord.init)
        }
    }

    package func liveSession(
        conversation: ConversationID, requester: PersonID
    ) async throws -> SessionRecord? {
        try await read { db in
            try db.row(
                SessionRecord.query + " WHERE s.conversation = ? AND s.requester = ? AND s.state <> 'ended'",
                [conversation.rawValue, requester.rawValue]
            ).map(SessionRecord.init)
        }
    }

    package func openSessions() async throws -> [SessionRecord] {
        try await read { db in
            try db.rows(SessionRecord.query + " WHERE s.state <> 'ended' ORDER BY s.id").map(SessionRecord.init)
        }
    }

    /// Those of `sessions` that have ended; what is not known here is not among them.
    package func ended(among sessions: [SessionID]) async throws -> [SessionID] {
        try await read { db in
            try sessions.filter {
                try db.exists("SELECT 1 FROM sessions WHERE id = ? AND state = 'ended'", [$0.rawValue])
            }
        }
    }

    /// Newest first; `person` nil: everybody's. The next page is the one `before` the last id.
    package func sessions(
        for person: PersonID? = nil, before: SessionID? = nil, limit: Int = 100
    ) async throws -> [SessionRecord] {
        try await read { db in
            try db.rows(
                SessionRecord.query
                    + " WHERE (?1 IS NULL OR s.requester = ?1) AND (?2 IS NULL OR s.id < ?2) ORDER BY s.id DESC LIMIT ?3",
                [person?.rawValue, before?.rawValue, limit]
            ).map(SessionRecord.init)
        }
    }

    package func assign(_ compartment: CompartmentID?, to id: SessionID) async throws {
        try await changeSession(id, "compartment = ?", [compartment?.rawValue])
    }

    /// Ends with it: its open tool calls are cancelled. The questions of an unanswered turn wait without it, any others are
    /// withdrawn. The first reason stays: ending twice changes nothing.
    package func endSession(_ id: SessionID, reason: String) async throws {
        try await write { [self] db in try end(id, reason: reason, on: db) }
    }

    /// At boot: the containers of all open sessions are gone.
    @discardableResult
    package func endAllSessions(reason: String) async throws -> [SessionRecord] {
        try await write { [self] db in
            let open = try db.rows(SessionRecord.query + " WHERE s.state <> 'ended'").map(SessionRecord.init)
            for session in open { try end(session.id, reason: reason, on: db) }
            return open
        }
    }

    private func end(_ id: SessionID, reason: String, on db: Connection) throws {
        let now = clock.now().milliseconds
        try db.run(
            """
            UPDATE sessions SET state = 'ended', ended = ?, end_reason = ?, compartment = NULL
            WHERE id = ? AND state <> 'ended'
            """, [now, reason.storable.cut(to: 500), id.rawValue])
        _ = try suspendQuestions(of: id, on: db)
        try db.run(
            "UPDATE approvals SET state = 'withdrawn' WHERE session = ? AND state = 'pending' AND suspended IS NULL",
            [id.rawValue])
        try db.run(
            "UPDATE tool_calls SET state = 'cancelled', ended = ? WHERE session = ? AND ended IS NULL",
            [now, id.rawValue])
    }

    static func session(_ id: SessionID, on db: Connection) throws -> SessionRecord {
        guard let row = try db.row(SessionRecord.query + " WHERE s.id = ?", [id.rawValue]) else {
            throw StoreError(.notFound, "There is no session \(id).")
        }
        return try SessionRecord(row)
    }

    private func changeSession(
        _ id: SessionID, _ change: String, _ arguments: StatementArguments
    ) async throws {
        try await write { db in
            try db.run("UPDATE sessions SET \(change) WHERE id = ? AND state <> 'ended'", arguments + [id.rawValue])
            guard db.changesCount == 1 else { throw StoreError(.conflict, "The session \(id) has ended.") }
        }
    }
}
