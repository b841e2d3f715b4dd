package import Audit
internal import MCP
package import Model
internal import NetworkRules
package import Store

/// Grants of addresses: given, listed and taken back, all of it on record. Who may is decided here; that something
/// changed is `changed`'s to act on.
package struct EgressGrantBook: Sendable {
    let database: Database
    let audit: AuditLog
    /// Returns when open doors and live connections fit what is granted now.
    let changed: @Sendable () async -> Void

    package init(database: Database, audit: AuditLog, changed: @escaping @Sendable () async -> Void) {
        self.database = database
        self.audit = audit
        self.changed = changed
    }

    /// An admin's own grant.
    package func allow(_ draft: EgressGrantDraft, by person: PersonID) async throws -> EgressGrantRecord {
        try await requireAdmin(person)
        if let expires = draft.expires, expires <= database.clock.now() {
            throw ChatError(.invalid, "The time until when it would hold has passed.")
        }
        return try await give(draft, by: person)
    }

    /// In force when this returns: its giving is on record, and doors are open. Throws where it could not be recorded;
    /// then it never holds.
    func give(_ draft: EgressGrantDraft, by person: PersonID) async throws -> EgressGrantRecord {
        let grant: EgressGrantRecord
        do {
            grant = try await database.addEgressGrant(draft, by: person)
        } catch let error as StoreError where error.code == .invalid {
            throw ChatError(.invalid, error.message)
        }
        let row = try await audit.event(
            "egress.granted", subject: subject(of: grant, by: person), details: Self.details(grant))
        guard try await database.recordEgressGrant(grant.id, in: row) else {
            throw ChatError(.conflict, "The grant \(grant.id) was revoked before it came into force.")
        }
        await changed()
        return try await database.egressGrant(grant.id) ?? grant
    }

    /// Everybody's, those in force first.
    package func list(for person: PersonID) async throws -> [EgressGrantRecord] {
        try await requireAdmin(person)
        return try await database.egressGrants()
    }

    /// Ends one grant by its id, or all that are for exactly `text` as a domain; live connections included. Returns those
    /// that ended.
    package func revoke(_ text: String, reason: String, by person: PersonID) async throws -> [EgressGrantRecord] {
        try await requireAdmin(person)
        let now = database.clock.now()
        let domain = (try? DomainPattern(written: text)).map { "\($0)" }
        let meant = try await database.egressGrants().filter {
            $0.end(at: now) == nil
                && ($0.id.rawValue == text || domain != nil && $0.entry["domain"] == domain.map { [$0] })
        }
        guard !meant.isEmpty else {
            throw ChatError(
                .notFound,
                "No grant in force has the id or the domain \(text.storable.cut(to: 100)): see `bulkhead egress list`. What "
                    + "the policy file allows is taken back there, or denied there.")
        }
        var ended: [EgressGrantRecord] = []
        // What cannot be recorded ends all the same: it is the careful direction.
        for grant in meant where try await database.revokeEgressGrant(grant.id, by: person, reason: reason) {
            ended.append(grant)
        }
        await changed()
        for grant in ended {
            var details = Self.details(grant)
            details["reason"] = .string(reason.cut(to: 1000))
            try await audit.event("egress.revoked", subject: subject(of: grant, by: person), details: details)
        }
        return ended
    }

    private func subject(of grant: EgressGrantRecord, by person: PersonID) -> AuditSubject {
        var subject = AuditSubject(requester: person)
        switch grant.scope {
        case .channel(let channel): subject.channel = channel
        case .session(let session): subject.session = session
        case .company, .person: break
        }
        return subject
    }

    private static func details(_ grant: EgressGrantRecord) -> JSONObject {
        var details: JSONObject = [
            "grant": .string(grant.id.rawValue), "entry": .string(grant.entryText),
            "scope": .string(grant.scope.kind.rawValue), "reason": .string(grant.reason),
        ]
        details["subject"] = grant.scope.subject.map { .string($0) }
        details["for"] = grant.scopeName.map { .string($0) }
        details["approval"] = grant.approval.map { .string($0.rawValue) }
        details["expires"] = grant.expires.map { .string($0.rfc3339) }
        return details
    }

    private func requireAdmin(_ person: PersonID) async throws {
        guard let record = try await database.person(person), record.isActive, record.seesAll else {
            throw ChatError(.forbidden, "Only an admin grants and takes back addresses of the network.")
        }
    }
}
