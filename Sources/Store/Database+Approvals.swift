package import Model

import GRDB

/// A question of the gate to people about one exact call.
package struct ApprovalRecord: Sendable, Hashable {
    package enum State: String, Sendable, Codable {
        case pending, allowed, denied, expired
        /// The call it was about is gone.
        case withdrawn
    }

    package let id: ApprovalID
    package let call: CallID
    package let session: SessionID
    package let conversation: ConversationID
    package let requester: PersonID
    package let requesterName: String
    package let tool: String
    package let effect: Effect
    /// JSON text, whole.
    package let arguments: String
    /// Of the canonical arguments: what is run is what was shown.
    package let argumentsDigest: String
    package let policyDigest: String
    package let rule: String
    package let reason: String
    /// Who may answer, in the policy's words.
    package let approvers: String
    package let state: State
    package let decidedBy: PersonID?
    package let note: String?
    package let created: Timestamp
    package let expires: Timestamp
    /// What the session had touched when it was asked.
    package let labels: Labels
    /// What a yes may mean beyond the call; `nil`: nothing.
    package let offer: GrantOffer?

    init(_ row: Row) throws {
        id = row.id("id")
        call = row.id("call")
        session = row.id("session")
        conversation = row.id("conversation")
        requester = row.id("requester")
        requesterName = row["requester_name"]
        tool = row["tool"]
        effect = try row.word("effect")
        arguments = row["arguments"]
        argumentsDigest = row["digest"]
        policyDigest = row["policy_digest"]
        rule = row["rule"]
        reason = row["reason"]
        approvers = row["requested_of"]
        state = try row.word("state")
        decidedBy = row.optionalID("decided_by")
        note = row["note"]
        created = row.time("created")
        expires = row.time("expires")
        labels = Labels(rawValue: row["labels"])
        offer = try GrantOffer(row)
    }

    static let query =
        "SELECT a.*, p.name AS requester_name FROM approvals a JOIN people p ON p.id = a.requester"
}

package struct ApprovalDraft: Sendable {
    /// Made by the store where it is `nil`.
    package var id: ApprovalID?
    package var call: CallID
    package var session: SessionID
    package var conversation: ConversationID
    package var requester: PersonID
    package var tool: String
    package var effect: Effect
    package var arguments: String
    package var argumentsDigest: String
    package var policyDigest: String
    package var rule: String
    package var reason: String
    package var approvers: String
    package var expires: Timestamp
    package var labels: Labels
    package var offer: GrantOffer?

    package init(
        id: ApprovalID? = nil, call: CallID, session: SessionID, conversation: ConversationID, requester: PersonID,
        tool: String, effect: Effect, arguments: String, argumentsDigest: String, policyDigest: String, rule: String,
        reason: String, approvers: String, expires: Timestamp, labels: Labels = [], offer: GrantOffer? = nil
    ) {
        self.id = id
        self.call = call
        self.session = session
        self.conversation = conversation
        self.requester = requester
        self.tool = tool
        self.effect = effect
        self.arguments = arguments
        self.argumentsDigest = argumentsDigest
        self.policyDigest = policyDigest
        self.rule = rule
        self.reason = reason
        self.approvers = approvers
        self.expires = expires
        self.labels = labels
        self.offer = offer
    }
}

package enum ApprovalOutcome: Sendable {
    /// This answer counts.
    case decided(ApprovalRecord)
    /// It came after the question expired or was withdrawn, and changed nothing.
    case tooLate(ApprovalRecord)
    /// Another answer was first, and stands.
    case already(ApprovalRecord)
}

extension Database {
    package func createApproval(_ draft: ApprovalDraft) async throws -> ApprovalRecord {
        try await write { [self] db in
            let id = draft.id ?? identifiers.make()
            try db.run(
                """
                INSERT INTO approvals
                    (id, call, session, conversation, requester, tool, effect, arguments, digest, policy_digest, rule,
                     reason, requested_of, state, created, expires, labels, grant_reach, rule_name, tool_digest, mode,
                     is_exact)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    id.rawValue, draft.call.rawValue, draft.session.rawValue, draft.conversation.rawValue,
                    draft.requester.rawValue, draft.tool, draft.effect.rawValue, draft.arguments.storable,
                    draft.argumentsDigest, draft.policyDigest, draft.rule, draft.reason, draft.approvers,
                    clock.now().milliseconds, draft.expires.milliseconds, draft.labels.rawValue,
                    draft.offer?.reach.rawValue, draft.offer?.rule, draft.offer?.toolDigest, draft.offer?.mode.rawValue,
                    draft.offer?.isExact ?? true,
                ])
            return try Self.approval(id, on: db)
        }
    }

    /// Compare and set: of many answers the first in time counts. Whether `person` may answer is the caller's to check,
    /// and the gate's again. `grant`: the same answer, for more than this call; in force once recorded.
    package func decideApproval(
        _ id: ApprovalID, allow: Bool, by person: PersonID, note: String? = nil, grant: GrantDraft? = nil
    ) async throws -> ApprovalOutcome {
        try await write { [self] db in
            let now = clock.now().milliseconds
            try db.run(
                """
                UPDATE approvals SET state = ?, decided_by = ?, decided = ?, note = ?
                WHERE id = ? AND state = 'pending' AND expires > ?
                """,
                [allow ? "allowed" : "denied", person.rawValue, now, note?.storable.cut(to: 2000), id.rawValue, now])
            let isMine = db.changesCount == 1
            if isMine, allow, let grant {
                try Self.addGrant(grant, of: id, at: Timestamp(milliseconds: now), on: db)
            }
            let record = try Self.approval(id, on: db)
            if isMine { return .decided(record) }
            return record.state == .allowed || record.state == .denied ? .already(record) : .tooLate(record)
        }
    }

    /// Closes what nobody answered in time; returns it.
    package func expireApprovals() async throws -> [ApprovalRecord] {
        let now = clock.now().milliseconds
        return try await closeApprovals(as: .expired, where: "expires <= ?", [now])
    }

    /// The session's open questions are void.
    @discardableResult
    package func withdrawApprovals(session: SessionID) async throws -> [ApprovalRecord] {
        try await closeApprovals(as: .withdrawn, where: "session = ?", [session.rawValue])
    }

    @discardableResult
    package func withdrawApproval(_ id: ApprovalID) async throws -> [ApprovalRecord] {
        try await closeApprovals(as: .withdrawn, where: "id = ?", [id.rawValue])
    }

    package func approval(_ id: ApprovalID) async throws -> ApprovalRecord? {
        try await read { db in
            try db.row(ApprovalRecord.query + " WHERE a.id = ?", [id.rawValue]).map(ApprovalRecord.init)
        }
    }

    /// Open questions, oldest first; `conversation` nil: everywhere.
    package func pendingApprovals(conversation: ConversationID? = nil) async throws -> [ApprovalRecord] {
        try await read { db in
            try db.rows(
                ApprovalRecord.query
                    + " WHERE a.state = 'pending' AND (?1 IS NULL OR a.conversation = ?1) ORDER BY a.id",
                [conversation?.rawValue]
            ).map(ApprovalRecord.init)
        }
    }

    private func closeApprovals(
        as state: ApprovalRecord.State, where condition: String, _ arguments: StatementArguments
    ) async throws -> [ApprovalRecord] {
        try await write { db in
            let ids = try db.rows("SELECT id FROM approvals WHERE state = 'pending' AND \(condition)", arguments)
            return try ids.map { row in
                let id: ApprovalID = row.id("id")
                try db.run("UPDATE approvals SET state = ? WHERE id = ?", [state.rawValue, id.rawValue])
                return try Self.approval(id, on: db)
            }
        }
    }

    private static func approval(_ id: ApprovalID, on db: Connection) throws -> ApprovalRecord {
        guard let row = try db.row(ApprovalRecord.query + " WHERE a.id = ?", [id.rawValue]) else {
            throw StoreError(.notFound, "There is no approval \(id).")
        }
        return try ApprovalRecord(row)
    }
}
