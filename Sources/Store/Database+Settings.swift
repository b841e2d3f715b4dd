import GRDB
import Model

extension Database {
    package func setting(_ key: String) async throws -> String? {
        try await read { db in try db.row("SELECT value FROM settings WHERE key = ?", [key])?["value"] }
    }

    /// `nil` removes it.
    package func setSetting(_ key: String, to value: String?) async throws {
        try await write { [self] db in
            guard let value else { return try db.run("DELETE FROM settings WHERE key = ?", [key]) }
            try db.run(
                """
                INSERT INTO settings (key, value, updated) VALUES (?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated = excluded.updated
                """, [key, value.storable, clock.now().milliseconds])
        }
    }
}
