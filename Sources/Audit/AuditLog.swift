package import MCP
package import Model
package import Store

/// The audit: an append-only table with chained digests. A row that `append` returned for is on the disk, and so is its
/// witness, the head file beside the database.
package struct AuditLog: Sendable {
    private let database: Database
    /// What did not fit when the log was opened; recorded as a row of its own, for good.
    package let gap: AuditProblem?

    static let gapEvent = "audit.gap"
    static let pruneEvent = "audit.pruned"
    static let eraseEvent = "audit.erased"

    /// Compares the chain's end with its witness before anything is appended, since appending writes the witness anew.
    package static func open(_ database: Database) async throws -> AuditLog {
        let problem = try await endProblem(database)
        let log = AuditLog(database: database, gap: problem)
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
        return checkpoint
    }

    /// Removes a row's details for good (something was said that must not be kept), and says so in the chain first.
    package func erase(_ row: Int64, by person: PersonID, reason: String) async throws {
        try await event(
            Self.eraseEvent, subject: AuditSubject(requester: person),
            details: ["row": .int(row), "reason": .string(reason.cut(to: 500))])
        try await database.purgeAuditPayload(row)
    }

    /// Removes the rows up to the newest checkpoint that is older than `time`, and says so in the chain first. What is
    /// left can be verified: it is built on a row that was signed for. Returns that row's number; 0 where nothing is so
    /// old.
    package func prune(before time: Timestamp, by person: PersonID) async throws -> Int64 {
        guard let checkpoint = try await database.newestCheckpoint(before: time) else { return 0 }
        try await event(
            Self.pruneEvent, subject: AuditSubject(requester: person),
            details: ["to": .int(checkpoint.sequence), "digest": .string(checkpoint.digest.hex)])
        try await database.removeAudit(upTo: checkpoint.sequence)
        return checkpoint.sequence
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
