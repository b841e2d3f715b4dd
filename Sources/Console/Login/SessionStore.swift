package import Model

/// A signed-in browser.
package struct BrowserSession: Sendable, Equatable {
    package var person: PersonID
    /// The admin who made the link for somebody else: whatever is done here is done by this one for `person`.
    package var issuer: PersonID?
    package var created: Timestamp
    /// To the hour: not every use is written down.
    package var seen: Timestamp
    package var expires: Timestamp

    package init(person: PersonID, issuer: PersonID?, created: Timestamp, seen: Timestamp, expires: Timestamp) {
        self.person = person
        self.issuer = issuer
        self.created = created
        self.seen = seen
        self.expires = expires
    }
}

/// A sign-in that waits to be used once.
package struct LoginTicket: Sendable, Equatable {
    package var person: PersonID
    package var issuer: PersonID?
    package var created: Timestamp
    package var expires: Timestamp

    package init(person: PersonID, issuer: PersonID?, created: Timestamp, expires: Timestamp) {
        self.person = person
        self.issuer = issuer
        self.created = created
        self.expires = expires
    }
}

/// Keeps sign-ins by digest. Whether an entry has expired, or its person may still come in, is decided by `Login`.
package protocol SessionStore: Sendable {
    func save(_ session: BrowserSession, under digest: SecretDigest) async throws
    func session(_ digest: SecretDigest) async throws -> BrowserSession?
    /// Does nothing where there is no such session (any more): it must not come back by being used.
    func prolong(_ digest: SecretDigest, seen: Timestamp, expires: Timestamp) async throws
    func endSession(_ digest: SecretDigest) async throws
    /// Throws a `ConsoleError` where its maker has too many waiting.
    func save(_ ticket: LoginTicket, under digest: SecretDigest) async throws
    func ticket(_ digest: SecretDigest) async throws -> LoginTicket?
    /// Removes it in the same step: of two who come at once, one gets `nil`.
    func takeTicket(_ digest: SecretDigest) async throws -> LoginTicket?
    /// Removes what has expired by `now`.
    func purge(expiredBy now: Timestamp) async throws
}

/// Sign-ins that end with the process. Bounded: the oldest make room.
package actor InMemorySessionStore: SessionStore {
    private var sessions: [SecretDigest: BrowserSession] = [:]
    private var tickets: [SecretDigest: LoginTicket] = [:]
    private let capacity: Int

    package init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    package func save(_ session: BrowserSession, under digest: SecretDigest) {
        if sessions.count >= capacity, let oldest = sessions.min(by: { $0.value.expires < $1.value.expires }) {
            sessions[oldest.key] = nil
        }
        sessions[digest] = session
    }

    package func session(_ digest: SecretDigest) -> BrowserSession? { sessions[digest] }

    package func prolong(_ digest: SecretDigest, seen: Timestamp, expires: Timestamp) {
        sessions[digest]?.seen = seen
        sessions[digest]?.expires = expires
    }

    package func endSession(_ digest: SecretDigest) { sessions[digest] = nil }

    package func save(_ ticket: LoginTicket, under digest: SecretDigest) {
        if tickets.count >= capacity, let oldest = tickets.min(by: { $0.value.expires < $1.value.expires }) {
            tickets[oldest.key] = nil
        }
        tickets[digest] = ticket
    }

    package func ticket(_ digest: SecretDigest) -> LoginTicket? { tickets[digest] }

    package func takeTicket(_ digest: SecretDigest) -> LoginTicket? { tickets.removeValue(forKey: digest) }

    package func purge(expiredBy now: Timestamp) {
        sessions = sessions.filter { $0.value.expires > now }
        tickets = tickets.filter { $0.value.expires > now }
    }
}
