import Foundation
import GRDB
package import Model

/// A signed end of the audit.
package struct AuditCheckpointRow: Hashable, Sendable {
    package let sequence: Int64
    package let digest: [UInt8]
    package let at: Timestamp
    package let signature: [UInt8]

    package init(sequence: Int64, digest: [UInt8], at: Timestamp, signature: [UInt8]) {
        self.sequence = sequence
        self.digest = digest
        self.at = at
        self.signature = signature
    }

    init(_ row: Row) {
        sequence = row["seq"]
        digest = Array(row["digest"] as Data)
        at = row.time("at")
        signature = Array(row["signature"] as Data)
    }
}

extension Database {
    /// The first checkpoint of a row stands.
    package func addCheckpoint(_ checkpoint: AuditCheckpointRow) async throws {
        try await write { db in
            try db.run(
                "INSERT OR IGNORE INTO audit_checkpoints (seq, at, digest, signature) VALUES (?, ?, ?, ?)",
                [
                    checkpoint.sequence, checkpoint.at.milliseconds, Data(checkpoint.digest),
                    Data(checkpoint.signature),
                ])
        }
    }

    /// Removes old checkpoints that stand for little: of those older than a day one an hour stays, of those older than 90
    /// days one a day, the newest each time. That is some 4,000, and 365 for each further year. Later ones speak for all
    /// rows before them, so that nothing is proved less; the oldest stays, since a pruning may rest on it.
    package func thinCheckpoints(at now: Timestamp) async throws {
        try await write { db in
            for (age, bucket) in [(86_400_000 as Int64, 3_600_000 as Int64), (90 * 86_400_000, 86_400_000)] {
                try db.run(
                    """
                    DELETE FROM audit_checkpoints WHERE at < ?1
                        AND seq > (SELECT min(seq) FROM audit_checkpoints)
                        AND seq NOT IN (SELECT max(seq) FROM audit_checkpoints WHERE at < ?1 GROUP BY at / ?2)
                    """, [now.milliseconds - age, bucket])
            }
        }
    }

    /// In order.
    package func auditCheckpoints(after sequence: Int64, limit: Int) async throws -> [AuditCheckpointRow] {
        try await read { db in
            try db.rows(
                "SELECT * FROM audit_checkpoints WHERE seq > ? ORDER BY seq LIMIT ?", [sequence, limit]
            ).map(AuditCheckpointRow.init)
        }
    }

    /// Calls after row `after` that were let run and of which no row says what came of them, in order.
    package func openAuditCalls(after: Int64, limit: Int) async throws -> [AuditRow] {
        try await read { db in
            try db.rows(
                """
                SELECT \(AuditRow.columns) FROM audit a
                WHERE a.seq > ?1 AND a.kind = 'intent' AND a.decision IN ('allow', 'approved')
                    AND NOT EXISTS (SELECT 1 FROM audit o WHERE o.kind = 'outcome' AND o.call = a.call AND o.seq > a.seq)
                ORDER BY a.seq LIMIT ?2
                """, [after, limit]
            ).map { AuditRow($0) }
        }
    }

    package func newestCheckpoint() async throws -> AuditCheckpointRow? {
        try await read { db in
            try db.row("SELECT * FROM audit_checkpoints ORDER BY seq DESC LIMIT 1").map(AuditCheckpointRow.init)
        }
    }

    package func newestCheckpoint(before time: Timestamp) async throws -> AuditCheckpointRow? {
        try await read { db in
            try db.row(
                "SELECT * FROM audit_checkpoints WHERE at < ? ORDER BY seq DESC LIMIT 1", [time.milliseconds]
            ).map(AuditCheckpointRow.init)
        }
    }

    /// Rows and their payloads up to and with `sequence`, some thousands at a time so that nobody waits for it.
    package func removeAudit(upTo sequence: Int64) async throws {
        var removed = 1
        while removed > 0 {
            removed = try await write { db in
                try db.run(
                    "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE seq <= ? ORDER BY seq LIMIT 2000)",
                    [sequence])
                return db.changesCount
            }
        }
        try await write { db in
            try db.run("DELETE FROM audit_payloads WHERE seq <= ?", [sequence])
            try db.run("DELETE FROM audit_checkpoints WHERE seq < ?", [sequence])
        }
    }

    /// In order.
    package func auditCheckpoints() async throws -> [AuditCheckpointRow] {
        try await read { db in
            try db.rows("SELECT * FROM audit_checkpoints ORDER BY seq").map(AuditCheckpointRow.init)
        }
    }

    /// The newest row of the chain.
    package func auditTail() async throws -> AuditTail {
        try await read { db in try db.auditTail() }
    }
}
