package import Model

import Crypto
import GRDB

/// A further account of a person, on some surface.
package struct AccountRecord: Sendable, Hashable {
    package enum Verification: String, Sendable {
        /// Somebody at the account knew the code that the person was given.
        case code
        /// The surface vouches for an address that the settings say is the person's.
        case address
        /// The surface's workspace is the company's, and the account a full member of it.
        case workspace
    }

    package let surface: String
    /// What the surface knows it by: a user number, a member's id.
    package let account: String
    package let person: PersonID
    /// What it was called when it was linked.
    package let label: String
    package let verified: Verification
    /// `nil` where nobody but the settings said so.
    package let verifiedBy: PersonID?
    package let created: Timestamp

    init(_ row: Row) throws {
        surface = row["surface"]
        account = row["account"]
        person = row.id("person")
        label = row["label"]
        verified = try row.word("verified")
        verifiedBy = row.optionalID("verified_by")
        created = row.time("created")
    }
}

extension Database {
    package func account(_ account: String, on surface: String) async throws -> AccountRecord? {
        try await read { db in
            try db.row("SELECT * FROM accounts WHERE surface = ? AND account = ?", [surface, account.storable])
                .map(AccountRecord.init)
        }
    }

    package func accounts() async throws -> [AccountRecord] {
        try await read { db in
            try db.rows("SELECT * FROM accounts ORDER BY person, surface, label").map(AccountRecord.init)
        }
    }

    /// By an address the surface vouches for, or by being one of the workspace; whose it was before, it is no more, and
    /// nothing of theirs is carried to it.
    package func saveAccount(
        _ account: String, on surface: String, called label: String, of person: PersonID,
        verified: AccountRecord.Verification = .address
    ) async throws {
        try await write { [self] db in
            try Self.endResidence(of: account, on: surface, unless: person, db)
            try db.run(
                """
                INSERT OR REPLACE INTO accounts (surface, account, person, label, verified, created)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    surface, account.storable, person.rawValue, label.storable, verified.rawValue,
                    clock.now().milliseconds,
                ])
        }
    }

    /// Whose it was is carried there no more, and is in none of the rooms that it was let into by the surface's word, unless
    /// another account of theirs is. `nil` where there was none; else the rooms.
    @discardableResult
    package func removeAccount(_ account: String, on surface: String) async throws -> [ChannelID]? {
        try await write { db in
            let left = try Self.endResidence(of: account, on: surface, unless: nil, db)
            try db.run("DELETE FROM accounts WHERE surface = ? AND account = ?", [surface, account.storable])
            return db.changesCount == 1 ? left : nil
        }
    }

    /// Ends what hung on an account's being somebody's: on the surface their direct conversations live no more, for who
    /// reads that place is not them any more; what waited to be carried there never is. With no other account there they
    /// are in none of the surface's rooms either. Nothing happens where the account is `person`'s.
    @discardableResult
    private static func endResidence(
        of account: String, on surface: String, unless person: PersonID?, _ db: Connection
    ) throws -> [ChannelID] {
        let row = try db.row(
            "SELECT person FROM accounts WHERE surface = ? AND account = ?", [surface, account.storable])
        guard let row, case let former:PersonID = row.id("person"), former != person else { return [] }
        let theirs = """
            SELECT c.id FROM conversations c JOIN channels h ON h.id = c.channel WHERE h.kind = 'dm' AND h.owner = ?
            """
        try db.run(
            """
            UPDATE outbox SET state = 'failed', last_error = 'The account is not theirs any more.'
            WHERE surface = ? AND state IN ('pending', 'claimed')
                AND message IN (SELECT id FROM messages WHERE conversation IN (\(theirs)))
            """, [surface, former.rawValue])
        try db.run(
            "DELETE FROM conversation_homes WHERE surface = ? AND conversation IN (\(theirs))",
            [surface, former.rawValue])
        guard surface == HomeRecord.slack else { return [] }
        try db.run("DELETE FROM slack_threads WHERE conversation IN (\(theirs))", [former.rawValue])
        guard
            try !db.exists(
                "SELECT 1 FROM accounts WHERE surface = ? AND person = ? AND account <> ?",
                [surface, former.rawValue, account.storable])
        else { return [] }
        let rooms = """
            SELECT m.channel FROM memberships m JOIN slack_channels s ON s.channel = m.channel
            WHERE m.person = ? AND s.kind <> 'direct'
            """
        let left: [ChannelID] = try db.rows(rooms, [former.rawValue]).map { $0.id("channel") }
        try db.run(
            "DELETE FROM memberships WHERE person = ?1 AND channel IN (\(rooms.replacing("?", with: "?1")))",
            [former.rawValue])
        return left
    }

    /// A code by which another account shows that it is `person`'s; the one before is void.
    package func saveLinkCode(_ code: String, of person: PersonID, expires: Timestamp) async throws {
        try await write { [self] db in
            try db.run("DELETE FROM link_codes WHERE expires <= ?", [clock.now().milliseconds])
            try db.run(
                "INSERT OR REPLACE INTO link_codes (person, digest, created, expires) VALUES (?, ?, ?, ?)",
                [
                    person.rawValue, Self.digest(ofCode: code), clock.now().milliseconds, expires.milliseconds,
                ])
        }
    }

    /// Links an account to whoever was given `code`, and uses the code up, in one step. `nil` where nobody was, or it has
    /// expired or been used. Throws `.conflict` for an account that is linked already (a workspace's word gives way to a
    /// code), and for `own`, whose account it is.
    package func linkAccount(
        _ account: String, on surface: String, called label: String, by code: String, own: PersonID?
    ) async throws -> PersonID? {
        try await write { [self] db in
            let now = clock.now().milliseconds
            let digest = Self.digest(ofCode: code)
            guard
                let row = try db.row(
                    """
                    SELECT c.person FROM link_codes c JOIN people p ON p.id = c.person
                    WHERE c.digest = ? AND c.expires > ? AND p.active = 1
                    """, [digest, now])
            else { return nil }
            let person: PersonID = row.id("person")
            guard person != own else {
                throw StoreError(
                    .conflict, "The code is to be used from another account; this one is the person's already.")
            }
            guard
                try !db.exists(
                    "SELECT 1 FROM accounts WHERE surface = ? AND account = ? AND verified <> 'workspace'",
                    [surface, account.storable])
            else { throw StoreError(.conflict, "This account is linked already. Unlink it first.") }
            try db.run("DELETE FROM link_codes WHERE digest = ?", [digest])
            try Self.endResidence(of: account, on: surface, unless: person, db)
            try db.run(
                """
                INSERT OR REPLACE INTO accounts (surface, account, person, label, verified, verified_by, created)
                VALUES (?1, ?2, ?3, ?4, 'code', ?3, ?5)
                """, [surface, account.storable, person.rawValue, label.storable, now])
            return person
        }
    }

    /// Whether anything was ever said, asked, decided or made as `person`: such a one does not become another.
    package func hasHistory(_ person: PersonID, besidesItsOnlyAccount: Bool = false) async throws -> Bool {
        let accounts = besidesItsOnlyAccount ? 2 : 1
        let places = [
            "messages WHERE author = ?1 OR on_behalf_by = ?1", "sessions WHERE requester = ?1",
            "attachments WHERE owner = ?1", "approvals WHERE requester = ?1 OR decided_by = ?1",
            "deputies WHERE person = ?1 OR deputy = ?1 OR set_by = ?1", "pauses WHERE paused_by = ?1",
            "memberships m JOIN channels c ON c.id = m.channel WHERE m.person = ?1 AND c.kind = 'room'",
            "accounts WHERE person = ?1 GROUP BY person HAVING COUNT(*) >= \(accounts)",
        ]
        return try await read { db in
            for place in places where try db.exists("SELECT 1 FROM \(place)", [person.rawValue]) { return true }
            return false
        }
    }

    /// Every browser of `person` is signed out, and every link for one void.
    package func endLogins(of person: PersonID) async throws {
        try await write { db in
            for table in ["browser_sessions", "login_tickets"] {
                try db.run("DELETE FROM \(table) WHERE person = ?1 OR issuer = ?1", [person.rawValue])
            }
        }
    }

    private static func digest(ofCode code: String) -> String {
        Array(SHA256.hash(data: Array(("bulkhead link code " + code).utf8))).hex
    }
}
