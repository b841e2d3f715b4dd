package import Model

import GRDB

/// A volume that carries labels, with what people call it.
package struct VolumeLabelRecord: Sendable, Hashable {
    package let volume: String
    package let labels: Labels
    /// The channel, the person or the thread it belongs to, by name.
    package let name: String
    /// The session it has them from; `nil` for what is older than labels.
    package let session: SessionID?
    package let since: Timestamp

    init(_ row: Row) {
        volume = row["volume"]
        labels = Labels(rawValue: row["labels"])
        name = row["name"] ?? ""
        session = row.optionalID("session")
        since = row.time("since")
    }
}

// Code in a sandbox is hostile, so what it read and where it wrote that cannot be told: a sandbox may have carried
// anything from any volume it has into any it can write. Labels follow that, for as long as it may still run.
extension Database {
    /// Labels are only ever added. Returns all the session has now; what its sandbox can write has them too.
    @discardableResult
    package func label(_ id: SessionID, adding labels: Labels) async throws -> Labels {
        try await write { [self] db in
            try db.run("UPDATE sessions SET labels = labels | ? WHERE id = ?", [labels.rawValue, id.rawValue])
            try spreadLabels(on: db)
            return try Self.session(id, on: db).labels
        }
    }

    /// The volumes the session's sandbox has from now on: all of them, in place of what it had. To be called before they
    /// are placed. Returns what the session has touched by that: a person's own folder makes it private.
    @discardableResult
    package func bindVolumes(_ grants: [VolumeGrant], to id: SessionID) async throws -> Labels {
        try await write { [self] db in
            try db.run("DELETE FROM session_volumes WHERE session = ?", [id.rawValue])
            // Its scratch is the session's alone, and so has the session's own labels.
            for grant in grants where grant.volume.kind != .session {
                try db.run(
                    "INSERT OR REPLACE INTO session_volumes (session, volume, writable) VALUES (?, ?, ?)",
                    [id.rawValue, grant.volume.description, grant.access == .readWrite])
            }
            if grants.contains(where: { $0.volume.kind == .user }) {
                let label = Labels.private.rawValue
                try db.run("UPDATE sessions SET labels = labels | ? WHERE id = ?", [label, id.rawValue])
            }
            try spreadLabels(on: db)
            return try Self.session(id, on: db).labels
        }
    }

    /// The session's sandbox is gone; `nil`: all of them are.
    package func unbindVolumes(of id: SessionID?) async throws {
        try await write { db in
            try db.run("DELETE FROM session_volumes WHERE ?1 IS NULL OR session = ?1", [id?.rawValue])
        }
    }

    package func labels(of volume: Volume) async throws -> Labels {
        try await read { db in
            let row = try db.row("SELECT labels FROM volume_labels WHERE volume = ?", [volume.description])
            return Labels(rawValue: row?["labels"] ?? 0)
        }
    }

    package func volumeLabels() async throws -> [VolumeLabelRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT l.*, COALESCE(h.name, p.name, c.title) AS name FROM volume_labels l
                LEFT JOIN channels h ON l.volume IN ('shared/' || h.id, 'group/' || h.id)
                LEFT JOIN people p ON l.volume = 'user/' || p.id
                LEFT JOIN conversations c ON l.volume = 'thread/' || c.id ORDER BY l.since, l.volume
                """
            ).map(VolumeLabelRecord.init)
        }
    }

    /// Throws `.notFound` where it has none, `.conflict` where a labelled session can write it: it would be labelled
    /// again at once.
    package func clearLabels(ofVolume volume: String) async throws {
        try await write { db in
            let isInUse = try db.exists(
                """
                SELECT 1 FROM session_volumes v JOIN sessions s ON s.id = v.session
                WHERE v.volume = ? AND v.writable AND s.labels & ?
                """, [volume, Labels.untrusted.rawValue])
            guard !isInUse else {
                throw StoreError(
                    .conflict,
                    "A conversation that contains outside content has \(volume) open. Wait until its session has ended."
                )
            }
            try db.run("DELETE FROM volume_labels WHERE volume = ?", [volume])
            guard db.changesCount == 1 else { throw StoreError(.notFound, "\(volume) carries no label.") }
        }
    }

    /// The one person who may read what comes of a session: its requester, where it is private and works in a room.
    package func soleReader(of id: SessionID) async throws -> PersonID? {
        try await read { db in try Self.soleReader(of: id, on: db) }
    }

    static func soleReader(of id: SessionID, on db: Connection) throws -> PersonID? {
        try db.row(
            """
            SELECT s.requester FROM sessions s JOIN conversations c ON c.id = s.conversation
            JOIN channels h ON h.id = c.channel WHERE s.id = ? AND s.labels & ? AND h.kind <> 'dm'
            """, [id.rawValue, Labels.private.rawValue]
        )?.id("requester")
    }

    /// Whether `person` may read what `session` asks people: a reader of its conversation, where that is no secret.
    package func mayRead(
        questionOf session: SessionID, in conversation: ConversationID, person: PersonID
    ) async throws -> Bool {
        try await read { db in
            let reader = try Self.soleReader(of: session, on: db)
            return try (reader == nil || reader == person)
                && Self.mayRead(conversation: conversation, person: person, on: db)
        }
    }

    /// To the end: a label that reaches a volume reaches every session that has it, and what that one can write.
    func spreadLabels(on db: Connection) throws {
        let label = Labels.untrusted.rawValue
        let now = clock.now().milliseconds
        var hasChanged = true
        while hasChanged {
            try db.run(
                """
                INSERT INTO volume_labels (volume, labels, session, since)
                SELECT v.volume, ?1, MIN(s.id), ?2 FROM session_volumes v JOIN sessions s ON s.id = v.session
                WHERE v.writable AND s.labels & ?1 AND NOT EXISTS
                    (SELECT 1 FROM volume_labels l WHERE l.volume = v.volume AND l.labels & ?1)
                GROUP BY v.volume
                ON CONFLICT (volume) DO UPDATE SET labels = labels | ?1
                """, [label, now])
            hasChanged = db.changesCount > 0
            try db.run(
                """
                UPDATE sessions SET labels = labels | ?1 WHERE NOT labels & ?1 AND id IN
                    (SELECT v.session FROM session_volumes v JOIN volume_labels l ON l.volume = v.volume
                     WHERE l.labels & ?1)
                """, [label])
            hasChanged = hasChanged || db.changesCount > 0
        }
    }
}
