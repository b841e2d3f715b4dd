internal import Conversations
internal import Logging
internal import MCP
internal import Model

/// How a browser becomes a person: a link used once gives a session, a session is a cookie that expires.
///
/// Who may come in is asked anew at every use, of the one who signs in and of the admin who made the link.
struct Login: Sendable {
    /// Who acts, and for whom.
    struct Identity: Sendable {
        var person: Person
        /// The admin who made the link for `person`.
        var issuer: Person?
    }

    let store: any SessionStore
    let people: PeopleDirectory
    let chat: any ChatService
    let recorder: any ConsoleRecorder
    let clock: WallClock
    let limits: ConsoleLimits
    let logger: Logger
    private let refusals = RefusedLogins()

    init(_ configuration: ConsoleConfiguration) {
        store = configuration.sessions
        people = configuration.people
        chat = configuration.chat
        recorder = configuration.recorder
        clock = configuration.clock
        limits = configuration.limits
        logger = configuration.logger
    }

    /// A token for one sign-in of `person`. `issuer`: who made it, where that is somebody else. A link that cannot be
    /// recorded is not made.
    func makeTicket(for person: PersonID, by issuer: PersonID?) async throws -> (token: Secret, expires: Timestamp) {
        let now = clock.now()
        try await store.purge(expiredBy: now)
        let token = Secret()
        let ticket = LoginTicket(
            person: person, issuer: issuer, created: now, expires: now.advanced(by: limits.loginLink))
        // First, since the store bounds how many there are, and so how many rows there are of them.
        try await store.save(ticket, under: token.digest)
        do {
            try await recorder.record(ConsoleEvent(.linkMade, person: person, admin: issuer))
        } catch {
            _ = try await store.takeTicket(token.digest)
            throw error
        }
        return (token, ticket.expires)
    }

    /// Who would sign in with `token`; leaves it unused.
    func peek(_ token: Secret) async throws -> Identity? {
        guard let ticket = try await store.ticket(token.digest), ticket.expires > clock.now() else { return nil }
        return try await identity(ticket.person, by: ticket.issuer)
    }

    /// Uses the token up. `nil` where it was used before, has expired or never was, or its person may not come in. A
    /// sign-in that cannot be recorded is none.
    func exchange(_ token: Secret?) async throws -> (cookie: Secret, expires: Timestamp)? {
        let now = clock.now()
        guard let token else { return await refuse("not a link") }
        guard let ticket = try await store.takeTicket(token.digest) else { return await refuse("unknown link") }
        guard ticket.expires > now else { return await refuse("expired link", ticket) }
        guard try await identity(ticket.person, by: ticket.issuer) != nil else {
            return await refuse("the person, or who made the link, may not use it any more", ticket)
        }
        let cookie = Secret()
        let session = BrowserSession(
            person: ticket.person, issuer: ticket.issuer, created: now, seen: now,
            expires: now.advanced(by: limits.session))
        try await store.purge(expiredBy: now)
        try await store.save(session, under: cookie.digest)
        do {
            try await recordRefusals(refusals.drain())
            try await recorder.record(ConsoleEvent(.loginSucceeded, person: ticket.person, admin: ticket.issuer))
        } catch {
            try await store.endSession(cookie.digest)
            throw error
        }
        return (cookie, session.expires)
    }

    /// Who holds the cookie; `nil` where that is nobody (any more). Use prolongs a session, up to its longest.
    func identity(of cookie: SecretDigest, isUse: Bool = true) async throws -> Identity? {
        guard let session = try await store.session(cookie) else { return nil }
        let now = clock.now()
        guard session.expires > now, let identity = try await identity(session.person, by: session.issuer) else {
            try await store.endSession(cookie)
            return nil
        }
        // A write an hour, not one for each request.
        if isUse, now.duration(since: session.seen) >= .seconds(3600) {
            let longest = session.created.advanced(by: limits.longestSession)
            let expires = min(now.advanced(by: limits.session), longest)
            try await store.prolong(cookie, seen: now, expires: expires)
        }
        return identity
    }

    func signOut(_ cookie: SecretDigest, _ caller: Caller) async throws {
        try await store.endSession(cookie)
        do {
            try await recorder.record(
                ConsoleEvent(.logout, person: caller.person.id, admin: caller.onBehalfBy?.id))
        } catch {
            // Nobody stays signed in because a disk is full.
            logger.error("a sign-out is not in the audit", metadata: ["error": "\(error)"])
        }
    }

    /// Counts a sign-in that came to nothing. What is recorded of them is bounded.
    private func refuse<Nothing>(_ reason: String, _ ticket: LoginTicket? = nil) async -> Nothing? {
        guard let count = refusals.take(at: clock.now()) else { return nil }
        do {
            try await recordRefusals(count, reason: reason, ticket)
        } catch {
            logger.error("a refused sign-in is not in the audit", metadata: ["error": "\(error)"])
        }
        return nil
    }

    private func recordRefusals(_ count: Int, reason: String = "earlier ones", _ ticket: LoginTicket? = nil)
        async throws
    {
        guard count > 0 else { return }
        try await recorder.record(
            ConsoleEvent(
                .loginRefused, person: ticket?.person, admin: ticket?.issuer,
                details: ["reason": .string(reason), "count": .int(Int64(count))]))
    }

    private func identity(_ person: PersonID, by issuer: PersonID?) async throws -> Identity? {
        guard try await people.isAdmitted(person) else { return nil }
        let somebody = try await chat.person(person)
        guard let issuer else { return Identity(person: somebody) }
        guard try await people.isAdmitted(issuer) else { return nil }
        let admin = try await chat.person(issuer)
        guard admin.maySpeak(for: somebody) else { return nil }
        return Identity(person: somebody, issuer: admin)
    }
}

extension Person {
    /// Nobody becomes more than they are by standing in for somebody: an owner's place is an owner's to take.
    func maySpeak(for other: Person) -> Bool {
        role.isAdmin && (other.role != .owner || role == .owner)
    }
}
