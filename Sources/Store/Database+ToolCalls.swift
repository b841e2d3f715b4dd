package import Model

import GRDB

/// A tool call as people see it in the conversation. What counts as proof is the audit, not this.
package struct ToolCallRecord: Sendable, Hashable {
    package enum State: String, Sendable, Codable {
        case running, waiting, done, failed, denied, cancelled
    }

    package let id: CallID
    package let session: SessionID
    package let turn: MessageID?
    package let tool: String
    package let effect: Effect?
    /// JSON text, cut where it was too long to show.
    package let arguments: String
    package let state: State
    /// What came back, cut for display.
    package let result: String?
    package let milliseconds: Int64?
    package let started: Timestamp
    /// What it changed is kept, and not undone.
    package let isUndoable: Bool
    package let undoneBy: CallID?
    /// Of the session, when it was made and when it ended.
    package let labels: Labels
    package let requester: PersonID

    init(_ row: Row) throws {
        id = row.id("id")
        session = row.id("session")
        turn = row.optionalID("turn")
        tool = row["tool"]
        effect = (row["effect"] as String?).flatMap(Effect.init)
        arguments = row["arguments"]
        state = try row.word("state")
        result = row["result"]
        milliseconds = row["milliseconds"]
        started = row.time("started")
        undoneBy = row.optionalID("undone_by")
        isUndoable = row["undoable"] == 1 && undoneBy == nil && state != .running && state != .waiting
        labels = Labels(rawValue: row["labels"])
        requester = row.id("requester")
    }
}

package struct ToolCallDraft: Sendable {
    package var id: CallID
    package var session: SessionID
    package var turn: MessageID?
    package var tool: String
    package var effect: Effect?
    /// JSON text.
    package var arguments: String
    /// The session's.
    package var labels: Labels

    package init(
        id: CallID, session: SessionID, turn: MessageID?, tool: String, effect: Effect?, arguments: String,
        labels: Labels = []
    ) {
        self.id = id
        self.session = session
        self.turn = turn
        self.tool = tool
        self.effect = effect
        self.arguments = arguments
        self.labels = labels
    }
}

extension Database {
    /// Calls one turn may make. More are not shown; who runs the calls sees to it that there are no more.
    package static let toolCallsPerTurn = 1000
    static let shownResultBytes = 16 << 10
    static let shownArgumentBytes = 256 << 10

    package func startToolCall(_ draft: ToolCallDraft) async throws {
        try await write { [self] db in
            try db.run(
                """
                INSERT INTO tool_calls (id, session, turn, tool, effect, arguments, state, started, labels)
                VALUES (?, ?, ?, ?, ?, ?, 'running', ?, ?)
                """,
                [
                    draft.id.rawValue, draft.session.rawValue, draft.turn?.rawValue, draft.tool.storable.cut(to: 128),
                    draft.effect?.rawValue, Self.shownArguments(draft.arguments), clock.now().milliseconds,
                    draft.labels.rawValue,
                ])
        }
    }

    /// Between `running` and `waiting` (for an approval). A finished call stays as it is.
    package func setToolCall(_ id: CallID, state: ToolCallRecord.State) async throws {
        try await write { db in
            try db.run(
                "UPDATE tool_calls SET state = ? WHERE id = ? AND ended IS NULL", [state.rawValue, id.rawValue])
        }
    }

    /// A long `result` is cut to 16 KiB. The first end stays. `labels`: what the session has touched by now.
    package func finishToolCall(
        _ id: CallID, state: ToolCallRecord.State, result: String?, duration: Duration, labels: Labels = []
    ) async throws {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000
        try await write { [self] db in
            try db.run(
                """
                UPDATE tool_calls SET state = ?, result = ?, milliseconds = ?, ended = ?, labels = labels | ?
                WHERE id = ? AND ended IS NULL
                """,
                [
                    state.rawValue, result?.storable.cut(to: Self.shownResultBytes), milliseconds,
                    clock.now().milliseconds, labels.rawValue, id.rawValue,
                ])
        }
    }

    package func toolCalls(turn: MessageID) async throws -> [ToolCallRecord] {
        try await read { db in try Self.toolCalls(turn: turn, on: db) }
    }

    package func toolCall(_ id: CallID) async throws -> ToolCallRecord? {
        try await read { db in
            try db.row(
                """
                SELECT t.*, s.requester, NULL AS undone_by, 0 AS undoable
                FROM tool_calls t JOIN sessions s ON s.id = t.session WHERE t.id = ?
                """, [id.rawValue]
            ).map(ToolCallRecord.init)
        }
    }

    /// Whether a turn has called anything but what only reads.
    package func hasActed(turn: MessageID) async throws -> Bool {
        try await read { db in
            try db.exists("SELECT 1 FROM tool_calls WHERE turn = ? AND effect IS NOT 'read'", [turn.rawValue])
        }
    }

    /// Calls without an end become `cancelled`: a session's when it ends, all (nil) at boot. Returns how many.
    @discardableResult
    package func cancelOpenToolCalls(session: SessionID?) async throws -> Int {
        try await write { [self] db in
            try db.run(
                """
                UPDATE tool_calls SET state = 'cancelled', ended = ?1
                WHERE ended IS NULL AND (?2 IS NULL OR session = ?2)
                """, [clock.now().milliseconds, session?.rawValue])
            return db.changesCount
        }
    }

    static func toolCalls(turn: MessageID, on db: Connection) throws -> [ToolCallRecord] {
        try db.rows(
            """
            SELECT t.*, s.requester, u.undone_by, u.call IS NOT NULL AND u.obstacle IS NULL AS undoable
            FROM tool_calls t JOIN sessions s ON s.id = t.session LEFT JOIN undo u ON u.call = t.id
            WHERE t.turn = ? ORDER BY t.started, t.id LIMIT ?
            """, [turn.rawValue, toolCallsPerTurn]
        ).map(ToolCallRecord.init)
    }

    /// Always JSON: arguments too long to show become a sentence in their place.
    private static func shownArguments(_ json: String) -> String {
        let size = json.utf8.count
        return size <= shownArgumentBytes
            ? json.storable : "{\"note\":\"\(size) bytes of arguments, too long to show\"}"
    }
}
