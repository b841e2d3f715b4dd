internal import Model

/// How a browser becomes a person: a link used once gives a session, a session is a cookie that expires.
struct Login: Sendable {
    let store: any SessionStore
    let clock: WallClock
    let linkLifetime: Duration
    let sessionLifetime: Duration

    /// A token for one sign-in of `person`.
    func makeTicket(for person: PersonID) async throws -> (token: Secret, expires: Timestamp) {
        let token = Secret()
        let expires = clock.now().advanced(by: linkLifetime)
        try await store.save(LoginTicket(person: person, expires: expires), under: token.digest)
        return (token, expires)
    }

    /// Who would sign in with `token`; leaves it unused.
    func peek(_ token: Secret) async throws -> PersonID? {
        guard let ticket = try await store.ticket(token.digest), ticket.expires > clock.now() else { return nil }
        return ticket.person
    }

    /// Uses the token up. `nil` where it was used before, has expired or never was.
    func exchange(_ token: Secret) async throws -> (cookie: Secret, expires: Timestamp)? {
        guard let ticket = try await store.takeTicket(token.digest), ticket.expires > clock.now() else { return nil }
        let cookie = Secret()
        let session = BrowserSession(
            person: ticket.person, crossSiteToken: Secret().text,
            expires: clock.now().advanced(by: sessionLifetime))
        try await store.save(session, under: cookie.digest)
        return (cookie, session.expires)
    }

    /// The live session behind a cookie. Use prolongs it: a write once it has run for a tenth of its life, not each time.
    func session(_ cookie: Secret) async throws -> BrowserSession? {
        guard var session = try await store.session(cookie.digest) else { return nil }
        let now = clock.now()
        guard session.expires > now else {
            try await store.endSession(cookie.digest)
            return nil
        }
        if session.expires.duration(since: now) < sessionLifetime * 0.9 {
            session.expires = now.advanced(by: sessionLifetime)
            try await store.save(session, under: cookie.digest)
        }
        return session
    }

    func end(_ session: SecretDigest) async throws {
        try await store.endSession(session)
    }
}
