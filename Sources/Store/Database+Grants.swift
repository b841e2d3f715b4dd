package import Model

import GRDB

/// What somebody allowed beyond the call it was asked about.
package struct GrantRecord: Sendable, Hashable {
    package let id: GrantID
    package let approval: ApprovalID
    package let giver: PersonID
    package let giverName: String
    /// As it is now; `nil` for whoever may not use Bulkhead (any more).
    package let giverRole: Role?
    /// Whether the giver wrote in the requester's name where the grant was given, or where it is to be used.
    package let giverHasSpoken: Bool
    package let requester: PersonID
    package let requesterName: String
    package let isRequesterActive: Bool
    package let scope: GrantScope
    package let conversation: ConversationID
    package let channel: ChannelID
    package let tool: String
    package let toolDigest: String
    package let rule: String
    /// JSON text; `nil`: any that the same rule asks about.
    package let arguments: String?
    package let argumentsDigest: String?
    package let policyDigest: String
    package let mode: Mode
    package let labels: Labels
    package let created: Timestamp
    package let expires: Timestamp
    /// The row of the audit that says it was given.
    package let recorded: Int64?
    package let revoked: Timestamp?
    package let revokedBy: PersonID?
    package let revokedByName: String?

    init(_ row: Row) throws {
        id = row.id("id")
        approval = row.id("approval")
        giver = row.id("giver")
        giverName = row["giver_name"]
        giverRole = row["giver_active"] ? try row.word("giver_role") : nil
        giverHasSpoken = row["giver_spoke"]
        requester = row.id("requester")
        requesterName = row["requester_name"]
        isRequesterActive = row["requester_active"]
        scope = try row.word("scope")
        conversation = row.id("conversation")
        channel = row.id("channel")
        tool = row["tool"]
        toolDigest = row["tool_digest"]
        rule = row["rule"]
        arguments = row["arguments"]
        argumentsDigest = row["arguments_digest"]
        policyDigest = row["policy_digest"]
        mode = try row.word("mode")
        labels = Labels(rawValue: row["labels"])
        created = row.time("created")
        expires = row.time("expires")
        recorded = row["recorded"]
        revoked = row.optionalTime("revoked")
        revokedBy = row.optionalID("revoked_by")
        revokedByName = row["revoker_name"]
    }

    /// Its first parameter: the conversation of use, where there is one.
    static let query = """
        SELECT g.*, giver.name AS giver_name, giver.role AS giver_role, giver.active AS giver_active,
            requester.name AS requester_name, requester.active AS requester_active, revoker.name AS revoker_name,
            EXISTS (SELECT 1 FROM messages m WHERE m.conversation IN (g.conversation, ?1) AND m.author = g.requester
                AND m.on_behalf_by = g.giver) AS giver_spoke
        FROM grants g JOIN people giver ON giver.id = g.giver JOIN people requester ON requester.id = g.requester
            LEFT JOIN people revoker ON revoker.id = g.revoked_by
        """
}

/// A grant to be, with the answer that gives it.
package struct GrantDraft: Sendable {
    package var id: GrantID
    package var scope: GrantScope

    package init(id: GrantID, scope: GrantScope) {
        self.id = id
        self.scope = scope
    }
}

extension Database {
    /// Those in force that could speak for a call of `tool` there. Whether one does is the gate's to decide.
    package func grants(
        for requester: PersonID, tool: String, in conversation: ConversationID
    ) async throws -> [GrantRecord] {
        try await read { [self] db in
            try db.rows(
                GrantRecord.query + """
                     WHERE g.requester = ?2 AND g.tool = ?3 AND g.revoked IS NULL AND g.recorded IS NOT NULL
                        AND g.expires > ?4 AND (g.conversation = ?1 OR g.scope = 'channel'
                            AND g.channel = (SELECT channel FROM conversations WHERE id = ?1))
                    ORDER BY g.created DESC LIMIT 200
                    """,
                [conversation.rawValue, requester.rawValue, tool, clock.now().milliseconds]
            ).map(GrantRecord.init)
        }
    }

    /// Newest first, at most 500: those given by or to `person`, or (nil) everybody's.
    package func grants(of person: PersonID?) async throws -> [GrantRecord] {
        try await read { db in
            try db.rows(
                GrantRecord.query + """
                     WHERE g.recorded IS NOT NULL AND (?2 IS NULL OR g.giver = ?2 OR g.requester = ?2)
                    ORDER BY g.revoked IS NOT NULL, g.created DESC, g.id LIMIT 500
                    """, [nil, person?.rawValue]
            ).map(GrantRecord.init)
        }
    }

    package func grant(_ id: GrantID) async throws -> GrantRecord? {
        try await read { db in
            try db.row(GrantRecord.query + " WHERE g.id = ?2", [nil, id.rawValue]).map(GrantRecord.init)
        }
    }

    /// From now on it is in force: its giving stands in the audit, in this row. False where it was revoked meanwhile.
    package func recordGrant(_ id: GrantID, in row: Int64) async throws -> Bool {
        try await write { db in
            try db.run(
                "UPDATE grants SET recorded = ? WHERE id = ? AND recorded IS NULL AND revoked IS NULL",
                [row, id.rawValue])
            return db.changesCount == 1
        }
    }

    /// False where it was revoked before.
    package func revokeGrant(_ id: GrantID, by person: PersonID) async throws -> Bool {
        try await write { [self] db in
            try db.run(
                "UPDATE grants SET revoked = ?, revoked_by = ? WHERE id = ? AND revoked IS NULL",
                [clock.now().milliseconds, person.rawValue, id.rawValue])
            return db.changesCount == 1
        }
    }

    /// What `person` gave or was given ends for good, `by` nobody: that the person left says why.
    static func endGrants(of person: PersonID, at time: Timestamp, on db: Connection) throws {
        try db.run(
            "UPDATE grants SET revoked = ?2 WHERE (giver = ?1 OR requester = ?1) AND revoked IS NULL",
            [person.rawValue, time.milliseconds])
    }

    /// In the transaction of the answer: there is no grant without its answer, and none of an answer that came too late.
    static func addGrant(
        _ draft: GrantDraft, of approval: ApprovalID, at time: Timestamp, on db: Connection
    ) throws {
        try db.run(
            """
            INSERT INTO grants
                (id, approval, giver, requester, scope, conversation, channel, tool, tool_digest, rule, arguments,
                 arguments_digest, policy_digest, mode, labels, created, expires)
            SELECT ?1, a.id, a.decided_by, a.requester, ?2, a.conversation, c.channel, a.tool, a.tool_digest, a.rule_name,
                iif(a.is_exact, a.arguments, NULL), iif(a.is_exact, a.digest, NULL), a.policy_digest, a.mode, a.labels,
                ?3, ?4
            FROM approvals a JOIN conversations c ON c.id = a.conversation
            WHERE a.id = ?5 AND a.state = 'allowed' AND (a.grant_reach = ?2 OR a.grant_reach = 'channel')
            """,
            [
                draft.id.rawValue, draft.scope.rawValue, time.milliseconds,
                time.advanced(by: draft.scope.lifetime).milliseconds, approval.rawValue,
            ])
        guard db.changesCount == 1 else {
            throw StoreError(.forbidden, "The answer to this question is good for that one call.")
        }
    }
}
