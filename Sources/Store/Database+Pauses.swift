import GRDB
package import Model

/// Something an operator has stopped.
package struct PauseRecord: Hashable, Sendable {
    /// `all`, `person:ID`, `channel:ID` or `tool:NAME`.
    package let scope: String
    package let by: PersonID
    package let byName: String
    package let reason: String
    package let since: Timestamp

    init(_ row: Row) {
        scope = row["scope"]
        by = row.id("paused_by")
        byName = row["name"]
        reason = row["reason"]
        since = row.time("created")
    }
}

extension Database {
    package func pauses() async throws -> [PauseRecord] {
        try await read { db in
            try db.rows(
                "SELECT s.*, p.name FROM pauses s JOIN people p ON p.id = s.paused_by ORDER BY s.created, s.scope"
            ).map(PauseRecord.init)
        }
    }

    /// The first pause of a scope stands.
    package func addPause(_ scope: String, by person: PersonID, reason: String) async throws {
        try await write { [self] db in
            try db.run(
                "INSERT OR IGNORE INTO pauses (scope, paused_by, reason, created) VALUES (?, ?, ?, ?)",
                [scope, person.rawValue, reason.storable.cut(to: 500), clock.now().milliseconds])
        }
    }

    package func removePause(_ scope: String) async throws -> Bool {
        try await write { db in
            try db.run("DELETE FROM pauses WHERE scope = ?", [scope])
            return db.changesCount > 0
        }
    }
}
