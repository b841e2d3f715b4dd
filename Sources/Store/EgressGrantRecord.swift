internal import MCP
package import Model

import GRDB

/// An address of the network that somebody granted, as it is stored: what the texts mean is not the store's to know.
package struct EgressGrantRecord: Sendable, Hashable {
    package let id: EgressGrantID
    /// The members of an allowlist's entry.
    package let entry: [String: [String]]
    package let scope: EgressScope
    /// Of the channel or person it is for, where there is one.
    package let scopeName: String?
    package let giver: PersonID
    package let giverName: String
    package let reason: String
    /// The question that was answered with it.
    package let approval: ApprovalID?
    package let created: Timestamp
    package let expires: Timestamp?
    /// The row of the audit that says it was given; before that it does not hold.
    package let recorded: Int64?
    package let revoked: Timestamp?
    package let revokedByName: String?
    /// To the hour.
    package let lastUsed: Timestamp?
    /// Of a grant to one session: whether that is over.
    package let isSessionOver: Bool

    /// Why it does not hold any more; `nil` while it does.
    package func end(at now: Timestamp) -> String? {
        if revoked != nil { return revokedByName.map { "revoked by \($0)" } ?? "ended" }
        if recorded == nil { return "void: that it was given is not on record" }
        if let expires, expires <= now { return "expired" }
        if isSessionOver { return "its session is over" }
        return nil
    }

    init(_ row: Row) throws {
        id = row.id("id")
        entry = try Self.members(row)
        guard let scope = EgressScope(try row.word("scope"), subject: row["subject"]) else {
            throw StoreError(.broken, "The database holds an egress grant for nobody: \(id).")
        }
        self.scope = scope
        scopeName = row["scope_name"]
        giver = row.id("giver")
        giverName = row["giver_name"]
        reason = row["reason"]
        approval = row.optionalID("approval")
        created = row.time("created")
        expires = row.optionalTime("expires")
        recorded = row["recorded"]
        revoked = row.optionalTime("revoked")
        revokedByName = row["revoker_name"]
        lastUsed = row.optionalTime("last_used")
        isSessionOver = row["session_over"]
    }

    /// What cannot be read would widen the entry, were it passed over.
    private static func members(_ row: Row) throws -> [String: [String]] {
        let text: String = row["entry"]
        guard let object = (try? JSONValue(parsing: Array(text.utf8)))?.objectValue else { throw broken }
        var members: [String: [String]] = [:]
        for (key, value) in object {
            guard let list = value.arrayValue, case let texts = list.compactMap(\.stringValue),
                texts.count == list.count
            else { throw broken }
            members[key] = texts
        }
        return members
    }

    private static var broken: StoreError {
        StoreError(.broken, "The database holds an egress grant whose entry cannot be read.")
    }

    static let query = """
        SELECT e.*, giver.name AS giver_name, revoker.name AS revoker_name,
            COALESCE(p.name, h.name) AS scope_name, COALESCE(s.state = 'ended', 0) AS session_over
        FROM egress_grants e JOIN people giver ON giver.id = e.giver LEFT JOIN people revoker ON revoker.id = e.revoked_by
            LEFT JOIN people p ON e.scope = 'person' AND p.id = e.subject
            LEFT JOIN channels h ON e.scope = 'channel' AND h.id = e.subject
            LEFT JOIN sessions s ON e.scope = 'session' AND s.id = e.subject
        """
}

/// A grant of an address to be.
package struct EgressGrantDraft: Sendable, Hashable {
    /// The members of an allowlist's entry, normalised by whoever made it.
    package var entry: [String: [String]]
    package var scope: EgressScope
    package var reason: String
    package var expires: Timestamp?
    package var approval: ApprovalID?

    package init(
        entry: [String: [String]], scope: EgressScope, reason: String, expires: Timestamp? = nil,
        approval: ApprovalID? = nil
    ) {
        self.entry = entry
        self.scope = scope
        self.reason = reason
        self.expires = expires
        self.approval = approval
    }
}
