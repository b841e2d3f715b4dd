package import MCP
import Model
package import Store

/// The audit: an append-only table with chained digests. A row that `append` returned for is on the disk, and so is its
/// witness, the head file beside the database.
package struct AuditLog: Sendable {
    private let database: Database
    /// What did not fit when the log was opened; recorded as a row of its own, for good.
    package let gap: AuditProblem?

    static let gapEvent = "audit.gap"

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
        try await append(AuditDraft(kind: .event, event: name, subject: subject, payload: details))
    }

    @discardableResult
    func append(_ draft: AuditDraft) async throws -> Int64 {
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

    /// Checks the whole chain. Rows appended meanwhile are not looked at.
    package func verify() async throws -> AuditVerification {
        try await Self.verify(database)
    }

    /// The same for a database nobody writes to, without recording anything.
    package static func verify(_ database: Database) async throws -> AuditVerification {
        do {
            // Before the rows: what is witnessed by now is in the table by then.
            let head = try database.auditHead()
            return try await database.foldAudit(into: AuditWalk(head: head)) { $0.take($1, payload: $2) }.finished()
        } catch let error as StoreError where error.code == .broken {
            return try await database.foldAudit(into: AuditWalk(head: nil)) { $0.take($1, payload: $2) }
                .finished(headFailure: error.message)
        }
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
