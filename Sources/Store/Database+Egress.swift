internal import MCP
package import Model

import GRDB

/// What is known of a session at one moment, and what was granted that could hold for it.
package struct EgressStanding: Sendable {
    package let session: SessionRecord
    /// `nil` for a requester who may not use Bulkhead (any more), or not read the conversation.
    package let role: Role?
    /// The admin in whose hand the running turn was asked for, where there is one.
    package let onBehalfBy: PersonID?
    /// In force, oldest first.
    package let grants: [EgressGrantRecord]
}

extension Database {
    /// In one view of the database; `nil` for a session there is none of.
    package func egressStanding(of id: SessionID) async throws -> EgressStanding? {
        try await read { [self] db in
            guard let row = try db.row(SessionRecord.query + " WHERE s.id = ?", [id.rawValue]) else { return nil }
            let session = try SessionRecord(row)
            let role: Role? = try db.row(
                "SELECT role FROM people WHERE id = ? AND active = 1", [session.requester.rawValue]
            ).map { try $0.word("role") }
            let mayRead = try Self.mayRead(
                conversation: session.conversation, person: session.requester, on: db)
            let admin: PersonID? = try db.row(
                """
                SELECT on_behalf_by FROM messages WHERE conversation = ? AND state = 'taken' AND turn = id AND author = ?
                """, [session.conversation.rawValue, session.requester.rawValue]
            )?.optionalID("on_behalf_by")
            let grants = try db.rows(
                EgressGrantRecord.query + """
                     WHERE giver.active = 1 AND giver.role IN ('owner', 'admin')
                        AND e.revoked IS NULL AND e.recorded IS NOT NULL AND (e.expires IS NULL OR e.expires > ?4)
                        AND (e.scope = 'company' OR e.scope = 'channel' AND e.subject = ?1
                            OR e.scope = 'person' AND e.subject = ?2 OR e.scope = 'session' AND e.subject = ?3)
                    ORDER BY e.created, e.id
                    """,
                [
                    session.channel.rawValue, session.requester.rawValue, session.id.rawValue,
                    clock.now().milliseconds,
                ]
            ).map(EgressGrantRecord.init)
            return EgressStanding(
                session: session, role: mayRead ? role : nil, onBehalfBy: admin, grants: grants)
        }
    }

    /// The session is `untrusted` from now on, with what its sandbox can write: durable when this returns. `nil`, and
    /// nothing has changed, where it has seen private data or is not live; else the labels that are new.
    package func labelForEgress(_ id: SessionID) async throws -> Labels? {
        try await write { [self] db in
            let session = try Self.session(id, on: db)
            guard session.state == .live, !session.labels.contains(.private) else { return nil }
            guard !session.labels.contains(.untrusted) else { return [] }
            try db.run(
                "UPDATE sessions SET labels = labels | ? WHERE id = ?", [Labels.untrusted.rawValue, id.rawValue])
            try spreadLabels(on: db)
            return .untrusted
        }
    }

    /// Not in force yet: `recordEgressGrant` says that it is on record. Throws `.invalid` where there is nobody of that
    /// scope, and `.conflict` where that question was answered with a grant before.
    package func addEgressGrant(_ draft: EgressGrantDraft, by giver: PersonID) async throws -> EgressGrantRecord {
        try await write { [self] db in
            let table: String? =
                switch draft.scope.kind {
                case .company: nil
                case .channel: "channels"
                case .person: "people"
                case .session: "sessions"
                }
            if let table, let subject = draft.scope.subject {
                guard try db.exists("SELECT 1 FROM \(table) WHERE id = ?", [subject]) else {
                    throw StoreError(.invalid, "There is no \(draft.scope.kind.rawValue) \(subject).")
                }
            }
            let id: EgressGrantID = identifiers.make()
            let entry = JSONObject(
                draft.entry.sorted { $0.key < $1.key }.map { ($0.key, .array($0.value.map { .string($0) })) })
            try db.run(
                """
                INSERT INTO egress_grants (id, entry, scope, subject, giver, reason, approval, created, expires)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    id.rawValue, JSONValue.object(entry).text, draft.scope.kind.rawValue, draft.scope.subject,
                    giver.rawValue, draft.reason.storable.cut(to: 1000), draft.approval?.rawValue,
                    clock.now().milliseconds, draft.expires?.milliseconds,
                ])
            return try Self.egressGrant(id, on: db)
        }
    }

    /// From now on it is in force: its giving stands in the audit, in this row. False where it was revoked meanwhile.
    package func recordEgressGrant(_ id: EgressGrantID, in row: Int64) async throws -> Bool {
        try await write { db in
            try db.run(
                "UPDATE egress_grants SET recorded = ? WHERE id = ? AND recorded IS NULL AND revoked IS NULL",
                [row, id.rawValue])
            return db.changesCount == 1
        }
    }

    /// Something was let through by it. Noted once an hour, as a sandbox may open many connections a second.
    package func recordEgressUse(of id: EgressGrantID) async throws {
        try await write { [self] db in
            let now = clock.now().milliseconds
            try db.run(
                "UPDATE egress_grants SET last_used = ?1 WHERE id = ?2 AND COALESCE(last_used, 0) <= ?1 - 3600000",
                [now, id.rawValue])
        }
    }

    /// False where it was revoked before.
    package func revokeEgressGrant(_ id: EgressGrantID, by person: PersonID, reason: String) async throws -> Bool {
        try await write { [self] db in
            try db.run(
                "UPDATE egress_grants SET revoked = ?, revoked_by = ?, revocation = ? WHERE id = ? AND revoked IS NULL",
                [clock.now().milliseconds, person.rawValue, reason.storable.cut(to: 1000), id.rawValue])
            return db.changesCount == 1
        }
    }

    package func egressGrant(_ id: EgressGrantID) async throws -> EgressGrantRecord? {
        try await read { db in
            try db.row(EgressGrantRecord.query + " WHERE e.id = ?", [id.rawValue]).map(EgressGrantRecord.init)
        }
    }

    /// The one that answered this question.
    package func egressGrant(answering approval: ApprovalID) async throws -> EgressGrantRecord? {
        try await read { db in
            try db.row(EgressGrantRecord.query + " WHERE e.approval = ?", [approval.rawValue])
                .map(EgressGrantRecord.init)
        }
    }

    /// The allowed question of this very call, whose answer has opened nothing yet: good for one grant. `answered`: the
    /// question, where an earlier call asked it and this one runs by its answer; else it is the one that `call` asked.
    package func unusedEgressApproval(
        tool: String, arguments: String, conversation: ConversationID, requester: PersonID, call: CallID,
        answered: ApprovalID?
    ) async throws -> ApprovalRecord? {
        try await read { db in
            try db.row(
                ApprovalRecord.query + """
                     WHERE a.tool = ?1 AND a.arguments = ?2 AND a.conversation = ?3 AND a.requester = ?4 AND a.state = 'used'
                        AND CASE WHEN ?6 IS NULL THEN a.call = ?5 ELSE a.id = ?6 END
                        AND NOT EXISTS (SELECT 1 FROM egress_grants e WHERE e.approval = a.id)
                    """,
                [tool, arguments, conversation.rawValue, requester.rawValue, call.rawValue, answered?.rawValue]
            ).map(ApprovalRecord.init)
        }
    }

    /// Those in force first, then newest first, at most 1,000.
    package func egressGrants() async throws -> [EgressGrantRecord] {
        try await read { [self] db in
            try db.rows(
                EgressGrantRecord.query + """
                     ORDER BY e.revoked IS NOT NULL OR e.recorded IS NULL OR session_over OR COALESCE(e.expires <= ?, 0),
                        e.created DESC, e.id
                    LIMIT 1000
                    """, [clock.now().milliseconds]
            ).map(EgressGrantRecord.init)
        }
    }

    private static func egressGrant(_ id: EgressGrantID, on db: Connection) throws -> EgressGrantRecord {
        guard let row = try db.row(EgressGrantRecord.query + " WHERE e.id = ?", [id.rawValue]) else {
            throw StoreError(.notFound, "There is no egress grant \(id).")
        }
        return try EgressGrantRecord(row)
    }
}
