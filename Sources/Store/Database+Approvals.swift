package import Model

import GRDB

/// A question of the gate to people about one exact call.
package struct ApprovalRecord: Sendable, Hashable {
    package enum State: String, Sendable, Codable {
        case pending, denied, expired
        /// A person has allowed it, and the call has not heard of it yet.
        case allowed
        /// The call has been let run: nothing else ever runs on this answer.
        case used
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
    /// In whose place, where a deputy answered.
    package let decidedFor: PersonID?
    package let deciderName: String?
    package let note: String?
    /// When it was answered; `nil` where nobody did.
    package let decided: Timestamp?
    package let created: Timestamp
    package let expires: Timestamp
    /// JSON text of what the call would work on, as it was shown.
    package let evidence: String?
    /// The turn that asked, where its question can outlive it.
    package let turn: MessageID?
    /// Since when nobody waits for the answer in the session that asked.
    package let suspended: Timestamp?
    /// When the answer reached the call.
    package let taken: Timestamp?
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
        decidedFor = row.optionalID("decided_for")
        deciderName = row["decider_name"]
        note = row["note"]
        decided = row.optionalTime("decided")
        created = row.time("created")
        expires = row.time("expires")
        evidence = row["evidence"]
        turn = row.optionalID("turn")
        suspended = row.optionalTime("suspended")
        taken = row.optionalTime("taken")
        labels = Labels(rawValue: row["labels"])
        offer = try GrantOffer(row)
    }

    static let columns = "a.*, p.name AS requester_name, d.name AS decider_name"
    static let tables =
        "approvals a JOIN people p ON p.id = a.requester LEFT JOIN people d ON d.id = a.decided_by"
    static let query = "SELECT \(columns) FROM \(tables)"
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
    /// JSON text of what the call would work on, as it is shown.
    package var evidence: String?
    /// When the people concerned are told again that it waits; `nil`: never.
    package var reminder: Timestamp?
    package var labels: Labels
    package var offer: GrantOffer?

    package init(
        id: ApprovalID? = nil, call: CallID, session: SessionID, conversation: ConversationID, requester: PersonID,
        tool: String, effect: Effect, arguments: String, argumentsDigest: String, policyDigest: String, rule: String,
        reason: String, approvers: String, expires: Timestamp, reminder: Timestamp? = nil, evidence: String? = nil,
        labels: Labels = [], offer: GrantOffer? = nil
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
        self.evidence = evidence
        self.reminder = reminder
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
    /// Questions of one requester that may wait at a time: nobody's are to bury those of others.
    package static let openApprovals = 50

    /// Throws `.conflict` where the session has ended, or too many questions of the requester wait. The question belongs to the session's open turn; one of an MCP
    /// client's, who waits himself, to none.
    package func createApproval(_ draft: ApprovalDraft) async throws -> ApprovalRecord {
        try await write { [self] db in
            guard try Self.session(draft.session, on: db).state == .live else {
                throw StoreError(.conflict, "The session \(draft.session) has ended.")
            }
            let open = try db.row(
                "SELECT COUNT(*) AS count FROM approvals WHERE requester = ? AND state = 'pending'",
                [draft.requester.rawValue])
            guard open?["count"] ?? 0 < Self.openApprovals else {
                throw StoreError(
                    .conflict,
                    "\(Self.openApprovals) questions of this person wait already: they have to be answered or taken back."
                )
            }
            let id = draft.id ?? identifiers.make()
            try db.run(
                """
                INSERT INTO approvals
                    (id, call, session, conversation, requester, tool, effect, arguments, digest, policy_digest, rule,
                     reason, requested_of, state, created, expires, labels, grant_reach, rule_name, tool_digest, mode,
                     is_exact, evidence, remind, turn)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (
                    SELECT id FROM messages
                    WHERE conversation = ? AND session = ? AND state = 'taken' AND turn = id AND surface <> ?))
                """,
                [
                    id.rawValue, draft.call.rawValue, draft.session.rawValue, draft.conversation.rawValue,
                    draft.requester.rawValue, draft.tool, draft.effect.rawValue, draft.arguments.storable,
                    draft.argumentsDigest, draft.policyDigest, draft.rule, draft.reason, draft.approvers,
                    clock.now().milliseconds, draft.expires.milliseconds, draft.labels.rawValue,
                    draft.offer?.reach.rawValue, draft.offer?.rule, draft.offer?.toolDigest, draft.offer?.mode.rawValue,
                    draft.offer?.isExact ?? true,
                    draft.evidence?.storable, draft.reminder?.milliseconds, draft.conversation.rawValue,
                    draft.session.rawValue, MessageRecord.externalSurface,
                ])
            return try Self.approval(id, on: db)
        }
    }

    /// Compare and set: of many answers the first in time counts. Whether `person` may answer is the caller's to check,
    /// and the gate's again. Where nobody waits any more, the answer comes back as a message in the same transaction.
    /// `grant`: the same answer, for more than this call; in force once recorded.
    package func decideApproval(
        _ id: ApprovalID, allow: Bool, by person: PersonID, for place: PersonID? = nil, note: String? = nil,
        grant: GrantDraft? = nil
    ) async throws -> ApprovalOutcome {
        try await write { [self] db in
            let now = clock.now().milliseconds
            try db.run(
                """
                UPDATE approvals SET state = ?, decided_by = ?, decided_for = ?, decided = ?, note = ?
                WHERE id = ? AND state = 'pending' AND expires > ?
                """,
                [
                    allow ? "allowed" : "denied", person.rawValue, place?.rawValue, now,
                    note?.storable.cut(to: 2000), id.rawValue, now,
                ])
            let isMine = db.changesCount == 1
            if isMine, allow, let grant {
                try Self.addGrant(grant, of: id, at: Timestamp(milliseconds: now), on: db)
            }
            let record = try Self.approval(id, on: db)
            if isMine {
                if record.suspended != nil { try insertContinuation(of: record, on: db) }
                return .decided(record)
            }
            return record.decidedBy == nil ? .tooLate(record) : .already(record)
        }
    }

    /// Closes what nobody answered in time; says so in the conversation where nobody waited.
    package func expireApprovals() async throws -> [ApprovalNotice] {
        try await write { [self] db in
            let due = try db.rows(
                "SELECT id FROM approvals WHERE state = 'pending' AND expires <= ?", [clock.now().milliseconds])
            return try due.map { row in
                let id: ApprovalID = row.id("id")
                try db.run("UPDATE approvals SET state = 'expired' WHERE id = ?", [id.rawValue])
                return try notice(of: Self.approval(id, on: db), on: db) {
                    "Nobody answered in time whether \($0.tool) may run, so it was not run (approval \($0.id)). "
                        + "Ask again where it is still wanted."
                }
            }
        }
    }

    /// The session's open questions are void, and so are answers that have not come back to it.
    @discardableResult
    package func withdrawApprovals(session: SessionID) async throws -> [ApprovalRecord] {
        try await write { db in try Self.withdraw(where: "session = ?", [session.rawValue], on: db) }
    }

    /// The open questions that were asked for people who may not come in.
    package func withdrawApprovalsOfTheInactive() async throws -> [ApprovalRecord] {
        try await write { db in
            try Self.withdraw(where: "requester IN (SELECT id FROM people WHERE active = 0)", [], on: db)
        }
    }

    @discardableResult
    package func withdrawApproval(_ id: ApprovalID) async throws -> [ApprovalRecord] {
        try await write { db in try Self.withdraw(where: "id = ?", [id.rawValue], on: db) }
    }

    package func approval(_ id: ApprovalID) async throws -> ApprovalRecord? {
        try await read { db in
            try db.row(ApprovalRecord.query + " WHERE a.id = ?", [id.rawValue]).map(ApprovalRecord.init)
        }
    }

    /// Open questions, oldest first; `conversation` nil: everywhere.
    package func pendingApprovals(
        conversation: ConversationID? = nil, limit: Int = 200
    ) async throws -> [ApprovalRecord] {
        try await read { db in
            try db.rows(
                ApprovalRecord.query
                    + " WHERE a.state = 'pending' AND (?1 IS NULL OR a.conversation = ?1) ORDER BY a.id LIMIT ?2",
                [conversation?.rawValue, limit]
            ).map(ApprovalRecord.init)
        }
    }

    /// Open questions that may be `person`'s to see, oldest first: of the conversations that person reads (of all, where
    /// `seesAll`), and those of named approvers and of people this one is a deputy of, which is for the caller to tell.
    package func pendingApprovals(
        for person: PersonID, seesAll: Bool, limit: Int = 200
    ) async throws -> [ApprovalRecord] {
        let standsForSomebody = try await !principals(of: person).isEmpty
        return try await read { db in
            try db.rows(
                """
                SELECT \(ApprovalRecord.columns) FROM \(ApprovalRecord.tables)
                JOIN conversations c ON c.id = a.conversation
                WHERE a.state = 'pending' AND (?2 OR a.requested_of LIKE '{%' OR EXISTS (
                    SELECT 1 FROM memberships m WHERE m.channel = c.channel AND m.person = ?1))
                ORDER BY a.id LIMIT ?3
                """, [person.rawValue, seesAll || standsForSomebody, limit]
            ).map(ApprovalRecord.init)
        }
    }

    static func approval(_ id: ApprovalID, on db: Connection) throws -> ApprovalRecord {
        guard let row = try db.row(ApprovalRecord.query + " WHERE a.id = ?", [id.rawValue]) else {
            throw StoreError(.notFound, "There is no approval \(id).")
        }
        return try ApprovalRecord(row)
    }
}
