package import Model

import Foundation
import GRDB

/// By which master key the vault's data keys are wrapped.
package struct VaultRecord: Sendable, Hashable {
    package let keyID: String
    package let created: Timestamp
    package let rotated: Timestamp?
}

extension Database {
    /// `nil`: nothing has been sealed yet.
    package func vault() async throws -> VaultRecord? {
        try await read { db in
            try db.row("SELECT * FROM vault").map {
                VaultRecord(keyID: $0["key_id"], created: $0.time("created"), rotated: $0.optionalTime("rotated"))
            }
        }
    }

    /// From now on data keys are wrapped by this one. Throws `.conflict` where anything is wrapped by another.
    package func openVault(keyID: String) async throws {
        try await write { [self] db in
            guard try !db.exists("SELECT 1 FROM secrets WHERE wrapped_key IS NOT NULL") else {
                throw StoreError(.conflict, "The vault holds secrets that are sealed under another key.")
            }
            try db.run(
                "INSERT OR REPLACE INTO vault (id, key_id, created) VALUES (1, ?, ?)",
                [keyID, clock.now().milliseconds])
        }
    }

    /// Every data key wrapped anew and the key's name changed, in one transaction: all of it or nothing. Returns how many.
    /// Throws `.conflict` where the vault is under another key than `old`, and whatever `rewrap` throws.
    package func rotateVault(
        from old: String, to new: String, _ rewrap: @escaping @Sendable (SecretID, [UInt8]) throws -> [UInt8]
    ) async throws -> Int {
        try await write { [self] db in
            try db.run(
                "UPDATE vault SET key_id = ?, rotated = ? WHERE key_id = ?", [new, clock.now().milliseconds, old])
            guard db.changesCount == 1 else {
                throw StoreError(
                    .conflict, "The vault's key was changed in this moment. Look at bulkhead vault status.")
            }
            let rows = try db.rows("SELECT id, wrapped_key FROM secrets WHERE wrapped_key IS NOT NULL")
            for row in rows {
                let id: SecretID = row.id("id")
                let wrapped = try rewrap(id, Array(row["wrapped_key"] as Data))
                try db.run("UPDATE secrets SET wrapped_key = ? WHERE id = ?", [Data(wrapped), id.rawValue])
            }
            return rows.count
        }
    }
}
