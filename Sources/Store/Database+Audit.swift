import Foundation
import GRDB
import Model

extension Database {
    /// Appends one row; it is durable, and its end witnessed by the head file, when this returns. `seal` runs on the
    /// writer's thread with the newest row and must give the next one; it must not block.
    @discardableResult
    package func appendAudit(_ seal: @escaping @Sendable (AuditTail) -> SealedAuditRow) async throws -> Int64 {
        try await append(seal)
    }

    /// The head file's word on where the chain ends; `nil` before the first row.
    package func auditHead() throws -> AuditTail? {
        try head.read()
    }

    /// Returns once the head file has been told of every row that was appended before.
    package func auditHeadSettled() async {
        await head.settled()
    }

    package func auditRows(
        _ selection: AuditSelection
    ) async throws -> [(row: AuditRow, payload: [UInt8]?, requesterName: String?)] {
        try await read { db in
            let rows = try db.rows(
                """
                SELECT \(AuditRow.columns), y.body, p.name FROM audit a
                LEFT JOIN audit_payloads y ON y.seq = a.seq LEFT JOIN people p ON p.id = a.requester
                WHERE a.seq > ?1 AND (?2 IS NULL OR a.kind = ?2) AND (?3 IS NULL OR a.session = ?3)
                    AND (?4 IS NULL OR a.requester = ?4 OR a.on_behalf_by = ?4) AND (?5 IS NULL OR a.channel = ?5)
                    AND (?6 IS NULL OR a.conversation = ?6) AND (?7 IS NULL OR a.tool = ?7)
                    AND (?8 IS NULL OR a.decision = ?8) AND (?10 IS NULL OR a.seq < ?10)
                    AND (?11 IS NULL OR a.call = ?11) AND (?12 IS NULL OR a.at >= ?12)
                    AND (?13 IS NULL OR a.at < ?13) AND (?14 IS NULL OR a.event = ?14)
                ORDER BY a.seq \(selection.newest ? "DESC" : "ASC") LIMIT ?9
                """,
                [
                    selection.after, selection.kind, selection.session, selection.person, selection.channel,
                    selection.conversation, selection.tool, selection.decision, selection.limit, selection.before,
                    selection.call, selection.since, selection.until, selection.event,
                ])
            let found = rows.map { row in (AuditRow(row), row.bytes(20), row[21] as String?) }
            return selection.newest ? found.reversed() : found
        }
    }

    /// Walks the whole chain in order, one row in memory at a time, in one consistent view.
    package func foldAudit<Value: Sendable>(
        into value: Value, _ body: @Sendable (inout Value, AuditRow, [UInt8]?) -> Void
    ) async throws -> Value {
        try await read { db in
            var value = value
            let statement = try db.cachedStatement(
                sql: """
                    SELECT \(AuditRow.columns), y.body FROM audit a LEFT JOIN audit_payloads y ON y.seq = a.seq
                    ORDER BY a.seq
                    """)
            let cursor = try Row.fetchCursor(statement)
            while let row = try cursor.next() {
                try Task.checkCancellation()
                body(&value, AuditRow(row), row.bytes(20))
            }
            return value
        }
    }

    /// Removes a row's payload. Its digest stays in the chain.
    package func purgeAuditPayload(_ sequence: Int64) async throws {
        try await write { db in try db.run("DELETE FROM audit_payloads WHERE seq = ?", [sequence]) }
    }
}

extension AuditRow {
    static let columns = """
        a.seq, a.at, a.kind, a.event, a.requester, a.on_behalf_by, a.channel, a.conversation, a.session, a.call, a.tool,
        a.decision, a.rule, a.policy, a.microseconds, a.result_bytes, a.result_digest, a.payload_digest, a.previous,
        a.digest
        """

    /// By position, in the order of `columns`: names would cost a look-up each in the walk over all rows.
    init(_ row: Row) {
        self.init(at: Timestamp(milliseconds: row[1]), kind: row[2])
        sequence = row[0]
        event = row[3]
        requester = row[4]
        onBehalfBy = row[5]
        channel = row[6]
        conversation = row[7]
        session = row[8]
        call = row[9]
        tool = row[10]
        decision = row[11]
        rule = row[12]
        policy = row.bytes(13)
        microseconds = row[14]
        resultBytes = row[15]
        resultDigest = row.bytes(16)
        payloadDigest = row.bytes(17)
        previous = row.bytes(18) ?? []
        digest = row.bytes(19) ?? []
    }
}

extension Row {
    fileprivate func bytes(_ index: Int) -> [UInt8]? {
        (self[index] as Data?).map([UInt8].init)
    }
}

extension Connection {
    func auditTail() throws -> AuditTail {
        guard let row = try row("SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1") else { return .start }
        return AuditTail(sequence: row[0], digest: row.bytes(1) ?? [])
    }

    func insert(_ sealed: SealedAuditRow) throws {
        let row = sealed.row
        try run(
            """
            INSERT INTO audit
                (seq, at, kind, event, requester, on_behalf_by, channel, conversation, session, call, tool, decision, rule,
                 policy, microseconds, result_bytes, result_digest, payload_digest, previous, digest)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                row.sequence, row.at.milliseconds, row.kind, row.event, row.requester, row.onBehalfBy, row.channel,
                row.conversation, row.session, row.call, row.tool, row.decision, row.rule, row.policy.map { Data($0) },
                row.microseconds, row.resultBytes, row.resultDigest.map { Data($0) },
                row.payloadDigest.map { Data($0) }, Data(row.previous), Data(row.digest),
            ])
        if let payload = sealed.payload {
            try run("INSERT OR REPLACE INTO audit_payloads (seq, body) VALUES (?, ?)", [row.sequence, Data(payload)])
        }
    }
}
