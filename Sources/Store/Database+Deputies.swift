package import Model

import GRDB

/// Somebody who answers in the place of `person`.
package struct DeputyRecord: Sendable, Hashable {
    package let person: PersonID
    package let deputy: PersonID
    /// `nil`: until it is taken back.
    package let until: Timestamp?
    package let setBy: PersonID

    init(_ row: Row) {
        person = row.id("person")
        deputy = row.id("deputy")
        until = (row["until"] as Int64?).map { Timestamp(milliseconds: $0) }
        setBy = row.id("set_by")
    }
}

extension Database {
    /// One for each person; the last one set counts.
    package func setDeputy(
        _ deputy: PersonID, of person: PersonID, until: Timestamp?, by admin: PersonID
    ) async throws {
        try await write { [self] db in
            try db.run(
                """
                INSERT OR REPLACE INTO deputies (person, deputy, until, set_by, created) VALUES (?, ?, ?, ?, ?)
                """,
                [
                    person.rawValue, deputy.rawValue, until?.milliseconds, admin.rawValue, clock.now().milliseconds,
                ])
        }
    }

    /// False where there was none.
    package func removeDeputy(of person: PersonID) async throws -> Bool {
        try await write { db in
            try db.run("DELETE FROM deputies WHERE person = ?", [person.rawValue])
            return db.changesCount == 1
        }
    }

    /// Those that hold now.
    package func deputies() async throws -> [DeputyRecord] {
        let now = clock.now().milliseconds
        return try await read { db in
            try db.rows("SELECT * FROM deputies WHERE until IS NULL OR until > ? ORDER BY person", [now])
                .map(DeputyRecord.init)
        }
    }

    /// Those in whose place `deputy` may answer now, by name; inactive ones included.
    package func principals(of deputy: PersonID) async throws -> [PersonRecord] {
        let now = clock.now().milliseconds
        return try await read { db in
            try db.rows(
                """
                SELECT p.* FROM deputies d JOIN people p ON p.id = d.person
                WHERE d.deputy = ? AND (d.until IS NULL OR d.until > ?) ORDER BY p.name
                """, [deputy.rawValue, now]
            ).map(PersonRecord.init)
        }
    }
}
