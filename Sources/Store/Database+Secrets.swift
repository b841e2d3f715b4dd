package import Model

import Foundation
import GRDB

extension Database {
    /// Everybody's, by name.
    package func secrets() async throws -> [SecretRecord] {
        try await read { db in
            try db.rows("SELECT * FROM secrets ORDER BY name, scope, id").map(SecretRecord.init)
        }
    }

    package func secret(_ id: SecretID) async throws -> SecretRecord? {
        try await read { db in
            try db.row("SELECT * FROM secrets WHERE id = ?", [id.rawValue]).map(SecretRecord.init)
        }
    }

    /// The one of that name which is that person's, that channel's, or (both nil) the company's.
    package func secret(
        named name: String, person: PersonID?, channel: ChannelID?
    ) async throws -> SecretRecord? {
        try await read { db in
            try db.row(
                "SELECT * FROM secrets WHERE name = ? AND person IS ? AND channel IS ?",
                [name, person?.rawValue, channel?.rawValue]
            ).map(SecretRecord.init)
        }
    }

    /// What may be used in what is done for `requester` in `channel`, the closest first. `name` nil: all. What a person
    /// granted ends with them.
    package func visibleSecrets(
        to requester: PersonID, in channel: ChannelID, named name: String? = nil
    ) async throws -> [VisibleSecret] {
        try await read { db in
            try db.rows(
                """
                SELECT * FROM (
                    SELECT s.*,
                        EXISTS (SELECT 1 FROM secret_grants g WHERE g.secret = s.id AND (g.person = ?1 OR g.channel = ?2))
                            AS is_granted,
                        CASE WHEN s.person = ?1 THEN 0 WHEN s.channel = ?2 THEN 1 WHEN s.scope = 'company' THEN 2 ELSE 3 END
                            AS rank
                    FROM secrets s WHERE (?3 IS NULL OR s.name = ?3)
                        AND (s.person IS NULL OR EXISTS (SELECT 1 FROM people p WHERE p.id = s.person AND p.active)))
                WHERE is_granted OR rank < 3 ORDER BY rank, name, id LIMIT 1000
                """, [requester.rawValue, channel.rawValue, name]
            ).map(VisibleSecret.init)
        }
    }

    /// A new one, or the next version of one: throws `.conflict` where another hand came first, or the vault's key is not
    /// `keyID` any more, by which this was sealed; `.invalid` where there is no room for it, counted in the same
    /// transaction, so that several at a time cannot pass it together.
    package func putSecret(_ record: SecretRecord, sealedUnder keyID: String?, in room: SecretRoom) async throws {
        try await write { db in
            try room.require(for: record, db)
            if let keyID {
                guard try db.exists("SELECT 1 FROM vault WHERE key_id = ?", [keyID]) else {
                    throw StoreError(.conflict, "The vault's key was changed in this moment. Try again.")
                }
            }
            let sealed = [record.wrappedKey, record.sealed].map { $0.map { Data($0) } }
            if record.version > 1 {
                try db.run(
                    """
                    UPDATE secrets SET version = ?, wrapped_key = ?, sealed = ?, binding = ?, changed = ?, changed_by = ?,
                        backend = ? WHERE id = ? AND version = ?
                    """,
                    [
                        record.version, sealed[0], sealed[1], record.binding, record.changed.milliseconds,
                        record.changedBy.rawValue, record.backend, record.id.rawValue, record.version - 1,
                    ])
                guard db.changesCount == 1 else {
                    throw StoreError(.conflict, "The secret \(record.name) was changed in this moment. Try again.")
                }
                return
            }
            try db.run(
                """
                INSERT INTO secrets (id, name, scope, person, channel, backend, version, wrapped_key, sealed, binding,
                    created, created_by, changed, changed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    record.id.rawValue, record.name, record.scope.rawValue, record.person?.rawValue,
                    record.channel?.rawValue, record.backend, record.version, sealed[0], sealed[1], record.binding,
                    record.created.milliseconds, record.createdBy.rawValue, record.changed.milliseconds,
                    record.changedBy.rawValue,
                ])
        }
    }

    /// With its grants. False where there is none.
    package func removeSecret(_ id: SecretID) async throws -> Bool {
        try await write { db in
            try db.run("DELETE FROM secrets WHERE id = ?", [id.rawValue])
            return db.changesCount == 1
        }
    }

    /// For `requester` in `channel`, and by the grants that let them, where it is not their own. False where that version
    /// is not there any more.
    package func recordUse(
        of id: SecretID, version: Int64, for requester: PersonID, in channel: ChannelID
    ) async throws -> Bool {
        try await write { [self] db in
            let now = clock.now().milliseconds
            try db.run(
                "UPDATE secrets SET last_used = ?, uses = uses + 1 WHERE id = ? AND version = ?",
                [now, id.rawValue, version])
            guard db.changesCount == 1 else { return false }
            try db.run(
                """
                UPDATE secret_grants SET last_used = ?1 WHERE secret = ?2 AND (person = ?3 OR channel = ?4)
                    AND NOT EXISTS (SELECT 1 FROM secrets s WHERE s.id = ?2 AND s.person = ?3)
                """, [now, id.rawValue, requester.rawValue, channel.rawValue])
            return true
        }
    }

    package func secretGrants() async throws -> [SecretGrantRecord] {
        try await read { db in
            try db.rows("SELECT * FROM secret_grants ORDER BY created").map(SecretGrantRecord.init)
        }
    }

    /// False where it was granted before.
    package func grantSecret(_ id: SecretID, to grantee: SecretGrantee, by person: PersonID) async throws -> Bool {
        let (granted, channel) = grantee.columns
        return try await write { [self] db in
            try db.run(
                """
                INSERT INTO secret_grants (secret, person, channel, given_by, created) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """, [id.rawValue, granted, channel, person.rawValue, clock.now().milliseconds])
            return db.changesCount == 1
        }
    }

    /// False where it was not granted.
    package func revokeSecret(_ id: SecretID, from grantee: SecretGrantee) async throws -> Bool {
        let (person, channel) = grantee.columns
        return try await write { db in
            try db.run(
                "DELETE FROM secret_grants WHERE secret = ? AND person IS ? AND channel IS ?",
                [id.rawValue, person, channel])
            return db.changesCount == 1
        }
    }
}

extension SecretGrantee {
    fileprivate var columns: (person: String?, channel: String?) {
        switch self {
        case .person(let id): (id.rawValue, nil)
        case .channel(let id): (nil, id.rawValue)
        }
    }
}
