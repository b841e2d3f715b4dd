import GRDB
package import Model

/// What became of an approval by itself, and the line that told of it where one did.
package struct ApprovalNotice: Sendable {
    package let approval: ApprovalRecord
    package let notice: MessageRecord?

    package var id: ApprovalID { approval.id }
}

// Questions that outlive the turn that asked. Whoever asked lets go; the answer, whenever it comes, is a message of its
// own: the unique index over (surface, author, event) makes it one.
extension Database {
    /// The open turn of `session` waits without it from now on: nobody is left to hear the answers to its questions. Those
    /// that were given and not heard of come back at once. Returns all of the session's that have not come to an end; empty
    /// where the turn asked nothing, or is over.
    package func suspendQuestions(of session: SessionID) async throws -> [ApprovalRecord] {
        try await write { [self] db in try suspendQuestions(of: session, on: db) }
    }

    /// The answer has reached its call: true once for each approval that was answered. `isHeld`: the caller is the one who
    /// asked and waited; false where it is the one the answer came back to. What is taken as allowed is `used`, for good.
    package func takeAnswer(_ id: ApprovalID, isHeld: Bool) async throws -> Bool {
        try await write { [self] db in
            try db.run(
                """
                UPDATE approvals SET taken = ?, state = CASE state WHEN 'allowed' THEN 'used' ELSE state END
                WHERE id = ? AND state IN ('allowed', 'denied') AND taken IS NULL AND (suspended IS NULL) = ?
                """, [clock.now().milliseconds, id.rawValue, isHeld])
            return db.changesCount == 1
        }
    }

    /// The approval whose answer a turn was opened with; `nil` for a turn that somebody's words opened.
    package func answeredApproval(of turn: MessageID) async throws -> ApprovalRecord? {
        try await read { db in
            try db.row(
                ApprovalRecord.query
                    + " WHERE a.id = (SELECT surface_event_id FROM messages WHERE id = ? AND surface = ?)",
                [turn.rawValue, MessageRecord.approvalSurface]
            ).map(ApprovalRecord.init)
        }
    }

    /// The message an answer came back as.
    package func continuation(of approval: ApprovalID) async throws -> MessageRecord? {
        try await read { db in
            try db.row(
                """
                SELECT * FROM messages WHERE surface = ? AND surface_event_id = ?
                    AND author = (SELECT requester FROM approvals WHERE id = surface_event_id)
                """, [MessageRecord.approvalSurface, approval.rawValue]
            ).map(MessageRecord.init)
        }
    }

    /// What `requester` asked there and nobody waits for: open questions are void, and what was allowed and has not begun
    /// does not begin.
    package func withdrawSuspended(
        in conversation: ConversationID, of requester: PersonID
    ) async throws -> [ApprovalRecord] {
        try await write { db in
            try Self.withdraw(
                where: "conversation = ? AND requester = ? AND suspended IS NOT NULL",
                [conversation.rawValue, requester.rawValue], on: db)
        }
    }

    /// Tells of what has waited so long that people should hear of it again, once.
    package func remindOfApprovals() async throws -> [ApprovalNotice] {
        try await write { [self] db in
            let now = clock.now()
            let due = try db.rows(
                """
                SELECT id FROM approvals WHERE state = 'pending' AND reminded IS NULL AND remind <= ?1 AND expires > ?1
                    AND suspended IS NOT NULL
                """, [now.milliseconds])
            return try due.map { row in
                let id: ApprovalID = row.id("id")
                try db.run("UPDATE approvals SET reminded = ? WHERE id = ?", [now.milliseconds, id.rawValue])
                return try notice(of: Self.approval(id, on: db), on: db) {
                    let left = $0.expires.duration(since: now).components.seconds
                    let time = left >= 7200 ? "\(left / 3600) hours" : "\(max(1, left / 60)) minutes"
                    return "\($0.tool) still waits for somebody's word (approval \($0.id)); \(time) are left."
                }
            }
        }
    }

    func suspendQuestions(of session: SessionID, on db: Connection) throws -> [ApprovalRecord] {
        let now = clock.now().milliseconds
        let unheard = try db.rows(
            """
            SELECT id FROM approvals WHERE session = ? AND suspended IS NULL AND taken IS NULL
                AND state IN ('pending', 'allowed', 'denied')
                AND EXISTS (SELECT 1 FROM messages m WHERE m.id = approvals.turn AND m.state = 'taken')
            """, [session.rawValue])
        for row in unheard {
            let record = try Self.approval(row.id("id"), on: db)
            try db.run("UPDATE approvals SET suspended = ? WHERE id = ?", [now, record.id.rawValue])
            // Shown as waiting even where the call was cancelled with its session.
            try db.run(
                """
                UPDATE tool_calls SET state = 'waiting', result = NULL, ended = ?
                WHERE id = ? AND state IN ('running', 'waiting', 'cancelled')
                """, [now, record.call.rawValue])
            if record.state != .pending { try insertContinuation(of: record, on: db) }
        }
        return try db.rows(
            ApprovalRecord.query
                + """
                 WHERE a.session = ? AND a.suspended IS NOT NULL AND a.taken IS NULL
                    AND a.state IN ('pending', 'allowed', 'denied')
                    AND EXISTS (SELECT 1 FROM messages m WHERE m.id = a.turn AND m.state = 'taken')
                ORDER BY a.id
                """, [session.rawValue]
        ).map(ApprovalRecord.init)
    }

    /// As the requester's, for a turn runs for him; who typed the asking turn's words is kept.
    func insertContinuation(of approval: ApprovalRecord, on db: Connection) throws {
        let now = clock.now()
        let id: MessageID = identifiers.make()
        let word = approval.state == .denied ? "Denied" : "Allowed"
        // Of a private session the others in a room learn what was asked about, and no more.
        let note = approval.labels.contains(.private) ? nil : approval.note
        let why = note.map { " (“\($0.split(whereSeparator: \.isNewline).joined(separator: " "))”)" } ?? ""
        try db.run(
            """
            INSERT INTO messages
                (id, conversation, seq, kind, author, on_behalf_by, text, surface, surface_event_id, state, created)
            VALUES (?, ?, ?, 'user', ?, (SELECT on_behalf_by FROM messages WHERE id = ?), ?, ?, ?, 'pending', ?)
            """,
            [
                id.rawValue, approval.conversation.rawValue,
                try Self.nextSequence(in: approval.conversation, on: db), approval.requester.rawValue,
                approval.turn?.rawValue, "\(word) by \(approval.deciderName ?? "somebody"): \(approval.tool)\(why)",
                MessageRecord.approvalSurface, approval.id.rawValue, now.milliseconds,
            ])
        try Self.touch(approval.conversation, now: now, on: db)
    }

    /// A line in the conversation where nobody is there any more to tell.
    func notice(
        of approval: ApprovalRecord, on db: Connection, _ words: (ApprovalRecord) -> String
    ) throws -> ApprovalNotice {
        let notice =
            approval.suspended == nil
            ? nil
            : try insertEntry(
                .notice, text: words(approval), inReplyTo: nil, session: nil, conversation: approval.conversation,
                on: db)
        return ApprovalNotice(approval: approval, notice: notice)
    }

    /// Voids open questions, and those answers of the same choice that came back and have not been begun with.
    static func withdraw(
        where condition: String, _ arguments: StatementArguments, on db: Connection
    ) throws -> [ApprovalRecord] {
        let rows = try db.rows(
            """
            SELECT id, requester, state FROM approvals WHERE \(condition) AND (state = 'pending' OR (
                state IN ('allowed', 'denied') AND taken IS NULL AND EXISTS (
                    SELECT 1 FROM messages m WHERE m.surface = 'approval' AND m.surface_event_id = approvals.id
                        AND m.author = approvals.requester AND m.state = 'pending')))
            """, arguments)
        return try rows.map { row in
            let id: ApprovalID = row.id("id")
            try db.run(
                "UPDATE approvals SET state = 'withdrawn' WHERE id = ? AND state IN ('pending', 'allowed')",
                [id.rawValue])
            try db.run(
                """
                UPDATE messages SET state = 'cancelled'
                WHERE surface = 'approval' AND author = ? AND surface_event_id = ? AND state = 'pending'
                """, [row["requester"] as String, id.rawValue])
            return try approval(id, on: db)
        }
    }

    /// Answers that have come back, before their messages are taken back with the others of their requester.
    static func withdrawAnswers(waitingIn conversation: ConversationID, of author: PersonID, on db: Connection) throws {
        try db.run(
            """
            UPDATE approvals SET state = 'withdrawn' WHERE state = 'allowed' AND taken IS NULL AND id IN (
                SELECT surface_event_id FROM messages
                WHERE conversation = ? AND author = ? AND surface = 'approval' AND state = 'pending')
            """, [conversation.rawValue, author.rawValue])
    }
}
