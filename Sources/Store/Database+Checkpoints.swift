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
