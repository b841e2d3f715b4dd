internal import Console
internal import Model
internal import Store

/// Sign-ins in the database: a restart signs nobody out.
struct StoredLogins: SessionStore {
    let database: Database

    func save(_ session: BrowserSession, under digest: SecretDigest) async throws {
        try await database.saveBrowserSession(
            BrowserSessionRecord(
                digest: digest.hex, person: session.person, issuer: session.issuer, created: session.created,
                seen: session.seen, expires: session.expires))
    }

    func session(_ digest: SecretDigest) async throws -> BrowserSession? {
        try await database.browserSession(digest.hex).map {
            BrowserSession(
                person: $0.person, issuer: $0.issuer, created: $0.created, seen: $0.seen, expires: $0.expires)
        }
    }

    func prolong(_ digest: SecretDigest, seen: Timestamp, expires: Timestamp) async throws {
        try await database.prolongBrowserSession(digest.hex, seen: seen, expires: expires)
    }

    func endSession(_ digest: SecretDigest) async throws {
        try await database.endBrowserSession(digest.hex)
    }

    func save(_ ticket: LoginTicket, under digest: SecretDigest) async throws {
        do {
            try await database.saveLoginTicket(
                LoginTicketRecord(
                    digest: digest.hex, person: ticket.person, issuer: ticket.issuer, created: ticket.created,
                    expires: ticket.expires))
        } catch let error as StoreError where error.code == .conflict {
            throw ConsoleError(.conflict, error.message)
        }
    }

    func ticket(_ digest: SecretDigest) async throws -> LoginTicket? {
        try await database.loginTicket(digest.hex).map(LoginTicket.init)
    }

    func takeTicket(_ digest: SecretDigest) async throws -> LoginTicket? {
        try await database.takeLoginTicket(digest.hex).map(LoginTicket.init)
    }

    func purge(expiredBy now: Timestamp) async throws {
        try await database.purgeLogins(expiredBy: now)
    }
}

extension LoginTicket {
    fileprivate init(_ record: LoginTicketRecord) {
        self.init(person: record.person, issuer: record.issuer, created: record.created, expires: record.expires)
    }
}
