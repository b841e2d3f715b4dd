package import LeakScan
package import MCP
package import Model
package import Store

/// The audit: an append-only table with chained digests. A row that `append` returned for is on the disk, and so is its
/// witness, the head file beside the database.
package struct AuditLog: Sendable {
    private let database: Database
    private let leaks: LeakGuard
    /// What did not fit when the log was opened; recorded as a row of its own, for good.
    package let gap: AuditProblem?

    static let gapEvent = "audit.gap"
    static let pruneEvent = "audit.pruned"
    static let eraseEvent = "audit.erased"

    /// `leaks`: what no row may hold, whoever writes it.
    ///
    /// Compares the chain's end with its witness before anything is appended, since appending writes the witness anew.
    package static func open(_ database: Database, leaks: LeakGuard = LeakGuard()) async throws -> AuditLog {
        let problem = try await endProblem(database)
        let log = AuditLog(database: database, leaks: leaks, gap: problem)
        if let problem {
            try await log.event(
                gapEvent, details: ["kind": .string(problem.kind.rawValue), "error": .string(problem.description)])
            // Until then the witness is still the one that does not fit, and a look at the chain would say so anew.
            await database.auditHeadSettled()
        }
        return log
    }

    /// Records what is no tool call: `session.started`, `login`, `policy.changed` … Throws `StoreError` where it could
    /// not be written; what must not happen unrecorded must then not happen.
    @discardableResult
    package func event(
        _ name: String, subject: AuditSubject = AuditSubject(), details: JSONObject = [:]
    ) async throws -> Int64 {
        try await append(AuditDraft(.event, event: name, subject: subject, payload: details))
    }

    /// As `event`, for rows of any kind.
    @discardableResult
    package func append(_ draft: AuditDraft) async throws -> Int64 {
        var draft = draft
        // Whatever an error, a reason or an argument repeats: a live secret stands in no row.
        if !draft.payload.isEmpty {
            // Without the session: what may pass in it may not stand here.
            let subject = LeakSubject(requester: draft.subject.requester, isRecord: true)
            draft.payload = leaks.screenedValues(of: draft.payload, in: subject).value
        }
        let (row, payload) = draft.row(at: database.clock.now())
        return try await database.appendAudit { tail in
            SealedAuditRow(row: AuditChain.seal(row, after: tail), payload: payload)
        }
    }

    package func rows(matching filter: AuditFilter) async throws -> [AuditEntry] {
        try await database.auditRows(filter.selection).map {
            AuditEntry($0.row, payload: $0.payload, requesterName: $0.requesterName)
        }
    }

    /// Checks the whole chain, against the checkpoints beside it and those of `witnesses`. Rows appended meanwhile are
    /// not looked at. Without `key` checkpoints are compared and their signatures taken on trust.
    package func verify(
        key: AuditPublicKey? = nil, witnessed: [AuditCheckpoint] = []
    ) async throws -> AuditVerification {
        try await Self.verify(database, key: key, witnessed: witnessed)
    }

    /// The same for a database nobody writes to, without recording anything.
    package static func verify(
        _ database: Database, key: AuditPublicKey? = nil, witnessed: [AuditCheckpoint] = []
    ) async throws -> AuditVerification {
        // Before the rows: what is witnessed by now is in the table by then.
        let checkpoints = try await database.auditCheckpoints().map(AuditCheckpoint.init) + witnessed
        let (head, failure) = try headOrFailure(database)
        return try await database.foldAudit(into: AuditWalk(head: head, checkpoints: checkpoints, key: key)) {
            $0.take($1, payload: $2)
        }.finished(headFailure: failure)
    }

    private static func headOrFailure(_ database: Database) throws -> (AuditTail?, String?) {
        do {
            return (try database.auditHead(), nil)
        } catch let error as StoreError where error.code == .broken {
            return (nil, error.message)
        }
    }

    /// Signs the chain's end and keeps the signature beside it; `nil` where nothing was added since the last time.
    func checkpoint(signedWith key: AuditKey) async throws -> AuditCheckpoint? {
        let tail = try await database.auditTail()
        guard tail.sequence > (try await database.newestCheckpoint()?.sequence ?? 0) else { return nil }
        let checkpoint = try AuditCheckpoint.sign(tail, at: database.clock.now(), with: key)
        try await database.addCheckpoint(checkpoint.row)
        try await database.thinCheckpoints(at: checkpoint.at)
        return checkpoint
    }

    /// Removes a row's details for good (something was said that must not be kept), and says so in the chain first.
    /// Throws `StoreError` where there are none, or the chain could not be verified without them.
    package func erase(_ row: Int64, by person: PersonID, reason: String) async throws {
        var filter = AuditFilter()
        (filter.after, filter.limit) = (row - 1, 1)
        guard let entry = try await rows(matching: filter).first, entry.sequence == row, entry.details != nil else {
            throw StoreError(.notFound, "Row \(row) has no details that could be erased.")
        }
        guard ![Self.gapEvent, Self.pruneEvent, Self.eraseEvent].contains(entry.event) else {
            throw StoreError(
                .invalid, "The details of row \(row) say what else is gone, and are needed to verify the audit.")
        }
        try await event(
            Self.eraseEvent, subject: AuditSubject(requester: person),
            details: ["row": .int(row), "reason": .string(reason.cut(to: 500))])
        try await database.purgeAuditPayload(row)
    }

    /// Removes the rows up to the newest checkpoint that is older than `time`, and says so in the chain first. What is
    /// left can be verified: it is built on a row that was signed for. Returns that row's number; 0 where nothing is so
    /// old.
    package func prune(before time: Timestamp, by person: PersonID) async throws -> Int64 {
        guard time <= database.clock.now() else {
            throw StoreError(.invalid, "That time is in the future: what has not happened yet cannot be pruned.")
        }
        guard let checkpoint = try await database.newestCheckpoint(before: time) else { return 0 }
        try await event(
            Self.pruneEvent, subject: AuditSubject(requester: person),
            details: ["to": .int(checkpoint.sequence), "digest": .string(checkpoint.digest.hex)])
        try await database.removeAudit(upTo: checkpoint.sequence)
        return checkpoint.sequence
    }

    /// Of each call that an earlier process let run and did not live to record the end of, says so; once. Before anything
    /// runs: what is under way then is taken for an earlier process's.
    package func settleOpenCalls() async throws {
        let key = "audit.settled_to"
        let end = try await database.auditTail().sequence
        var after = try await database.setting(key).flatMap { Int64($0) } ?? 0
        while true {
            let open = try await database.openAuditCalls(after: after, limit: 500)
            for row in open where row.sequence <= end {
                let subject = AuditSubject(
                    requester: row.requester.flatMap { PersonID($0) },
                    onBehalfBy: row.onBehalfBy.flatMap { PersonID($0) },
                    channel: row.channel.flatMap { ChannelID($0) },
                    conversation: row.conversation.flatMap { ConversationID($0) },
                    session: row.session.flatMap { SessionID($0) }, call: row.call.flatMap { CallID($0) })
                try await append(
                    AuditDraft(
                        .outcome, event: "unknown", subject: subject, tool: row.tool,
                        payload: ["error": "unknown: the daemon ended before it could record what came of it"]))
            }
            guard open.count == 500, let last = open.last else { break }
            after = last.sequence
        }
        try await database.setSetting(key, to: String(end))
    }

    /// Signed ends after a row's, in order, for those who send them elsewhere.
    package func checkpoints(after sequence: Int64, limit: Int) async throws -> [AuditCheckpoint] {
        try await database.auditCheckpoints(after: sequence, limit: limit).map(AuditCheckpoint.init)
    }

    /// Up to which row's checkpoint a sink has them. 0: none yet.
    package func acknowledged(by sink: String) async throws -> Int64 {
        try await database.setting("audit.sink.\(sink)").flatMap { Int64($0) } ?? 0
    }

    package func acknowledge(_ sequence: Int64, by sink: String) async throws {
        try await database.setSetting("audit.sink.\(sink)", to: String(sequence))
    }

    private static func endProblem(_ database: Database) async throws -> AuditProblem? {
        let head: AuditTail?
        do {
            head = try database.auditHead()
        } catch let error as StoreError where error.code == .broken {
            return AuditProblem(kind: .headLost, sequence: 0, description: error.message)
        }
        var walk = AuditWalk(head: head)
        var selection = AuditSelection()
        selection.after = (head?.sequence ?? 1) - 1
        selection.limit = 1
        var rows = try await database.auditRows(selection)
        if rows.isEmpty {
            (selection.after, selection.newest) = (0, true)
            rows = try await database.auditRows(selection)
        }
        for row in rows { walk.take(row.row, payload: nil) }
        // One row alone says nothing about its place in the chain: only its witness is looked at here.
        return walk.finished().problems.first { [.cutShort, .rewritten, .headLost].contains($0.kind) }
    }
}
