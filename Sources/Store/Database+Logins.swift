package import Model

import GRDB

/// A signed-in browser, by the digest of what it holds.
package struct BrowserSessionRecord: Sendable, Hashable {
    package let digest: String
    package let person: PersonID
    /// The admin who made the link for somebody else.
    package let issuer: PersonID?
    package let created: Timestamp
    package let seen: Timestamp
    package let expires: Timestamp

    package init(
        digest: String, person: PersonID, issuer: PersonID?, created: Timestamp, seen: Timestamp, expires: Timestamp
    ) {
        self.digest = digest
        self.person = person
        self.issuer = issuer
        self.created = created
        self.seen = seen
        self.expires = expires
    }

    init(_ row: Row) {
        self.init(
            digest: row["digest"], person: row.id("person"), issuer: row.optionalID("issuer"),
            created: row.time("created"), seen: row.time("seen"), expires: row.time("expires"))
    }
}

/// A sign-in that waits to be used once.
package struct LoginTicketRecord: Sendable, Hashable {
    package let digest: String
    package let person: PersonID
    package let issuer: PersonID?
    package let created: Timestamp
    package let expires: Timestamp

    package init(digest: String, person: PersonID, issuer: PersonID?, created: Timestamp, expires: Timestamp) {
        self.digest = digest
        self.person = person
        self.issuer = issuer
        self.created = created
        self.expires = expires
    }

    init(_ row: Row) {
        self.init(
            digest: row["digest"], person: row.id("person"), issuer: row.optionalID("issuer"),
            created: row.time("created"), expires: row.time("expires"))
    }
}

extension Database {
    /// Browsers one person is signed in with; of more, those that were longest not seen are signed out.
    static let sessionsPerPerson = 100

    /// Throws `.forbidden` for a person who may not come in (any more).
    package func saveBrowserSession(_ session: BrowserSessionRecord) async throws {
        try await write { db in
            try db.run(
                """
                INSERT INTO browser_sessions (digest, person, issuer, created, seen, expires)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM people WHERE id = ?2 AND active = 1)
                    AND (?3 IS NULL OR EXISTS (SELECT 1 FROM people WHERE id = ?3 AND active = 1))
                """,
                [
                    session.digest, session.person.rawValue, session.issuer?.rawValue, session.created.milliseconds,
                    session.seen.milliseconds, session.expires.milliseconds,
                ])
            guard db.changesCount == 1 else { throw StoreError.notAdmitted }
            try db.run(
                """
                DELETE FROM browser_sessions WHERE person = ?1 AND digest NOT IN (
                    SELECT digest FROM browser_sessions WHERE person = ?1 ORDER BY seen DESC, created DESC LIMIT ?2)
                """, [session.person.rawValue, Self.sessionsPerPerson])
        }
    }

    package func browserSession(_ digest: String) async throws -> BrowserSessionRecord? {
        try await read { db in
            try db.row("SELECT * FROM browser_sessions WHERE digest = ?", [digest]).map(BrowserSessionRecord.init)
        }
    }

    /// Does nothing for a session that has ended: what was signed out is not brought back by a request under way.
    package func prolongBrowserSession(_ digest: String, seen: Timestamp, expires: Timestamp) async throws {
        try await write { db in
            try db.run(
                "UPDATE browser_sessions SET seen = ?, expires = ? WHERE digest = ?",
                [seen.milliseconds, expires.milliseconds, digest])
        }
    }

    package func endBrowserSession(_ digest: String) async throws {
        try await write { db in try db.run("DELETE FROM browser_sessions WHERE digest = ?", [digest]) }
    }

    /// Links one person may have made that wait to be used.
    static let ticketsPerMaker = 50

    /// Throws `.forbidden` for a person who may not come in (any more), `.conflict` where whoever makes it has made too
    /// many that wait to be used or to be purged.
    package func saveLoginTicket(_ ticket: LoginTicketRecord) async throws {
        try await write { db in
            let maker = ticket.issuer ?? ticket.person
            let waiting = try db.row(
                "SELECT count(*) AS n FROM login_tickets WHERE coalesce(issuer, person) = ?", [maker.rawValue])
            guard (waiting?["n"] ?? 0) < Self.ticketsPerMaker else {
                throw StoreError(
                    .conflict,
                    "\(Self.ticketsPerMaker) sign-in links you made wait to be used. Use them, or wait until they expire."
                )
            }
            try db.run(
                """
                INSERT INTO login_tickets (digest, person, issuer, created, expires)
                SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM people WHERE id = ?2 AND active = 1)
                    AND (?3 IS NULL OR EXISTS (SELECT 1 FROM people WHERE id = ?3 AND active = 1))
                """,
                [
                    ticket.digest, ticket.person.rawValue, ticket.issuer?.rawValue, ticket.created.milliseconds,
                    ticket.expires.milliseconds,
                ])
            guard db.changesCount == 1 else { throw StoreError.notAdmitted }
        }
    }

    package func loginTicket(_ digest: String) async throws -> LoginTicketRecord? {
        try await read { db in
            try db.row("SELECT * FROM login_tickets WHERE digest = ?", [digest]).map(LoginTicketRecord.init)
        }
    }

    /// Removes it in the same step: of two who come at once, one gets `nil`.
    package func takeLoginTicket(_ digest: String) async throws -> LoginTicketRecord? {
        try await write { db in
            guard let row = try db.row("SELECT * FROM login_tickets WHERE digest = ?", [digest]) else { return nil }
            let ticket = LoginTicketRecord(row)
            try db.run("DELETE FROM login_tickets WHERE digest = ?", [digest])
            return ticket
        }
    }

    /// What has expired by `now` is of no use to anybody.
    package func purgeLogins(expiredBy now: Timestamp) async throws {
        try await write { db in
            try db.run("DELETE FROM browser_sessions WHERE expires <= ?", [now.milliseconds])
            try db.run("DELETE FROM login_tickets WHERE expires <= ?", [now.milliseconds])
        }
    }
}

extension StoreError {
    fileprivate static var notAdmitted: StoreError {
        StoreError(.forbidden, "That person may not use Bulkhead any more.")
    }
}
