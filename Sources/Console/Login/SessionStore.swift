package import Model

/// A signed-in browser.
package struct BrowserSession: Sendable, Equatable {
    package var person: PersonID
    /// What the browser must repeat in a header to change anything.
    package var crossSiteToken: String
    package var expires: Timestamp

    package init(person: PersonID, crossSiteToken: String, expires: Timestamp) {
        self.person = person
        self.crossSiteToken = crossSiteToken
        self.expires = expires
    }
}

/// A sign-in that waits to be used once.
package struct LoginTicket: Sendable, Equatable {
    package var person: PersonID
    package var expires: Timestamp

    package init(person: PersonID, expires: Timestamp) {
        self.person = person
        self.expires = expires
    }
}

/// Keeps sign-ins by digest. An implementation over the database lets them survive a restart; whether an entry has
/// expired is decided by `Login`, not here.
package protocol SessionStore: Sendable {
    func save(_ session: BrowserSession, under digest: SecretDigest) async throws
    func session(_ digest: SecretDigest) async throws -> BrowserSession?
    func endSession(_ digest: SecretDigest) async throws
    func save(_ ticket: LoginTicket, under digest: SecretDigest) async throws
    func ticket(_ digest: SecretDigest) async throws -> LoginTicket?
    /// Removes it in the same step: of two who come at once, one gets `nil`.
    func takeTicket(_ digest: SecretDigest) async throws -> LoginTicket?
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

    package func endSession(_ digest: SecretDigest) { sessions[digest] = nil }

    package func save(_ ticket: LoginTicket, under digest: SecretDigest) {
        if tickets.count >= capacity, let oldest = tickets.min(by: { $0.value.expires < $1.value.expires }) {
            tickets[oldest.key] = nil
        }
        tickets[digest] = ticket
    }

    package func ticket(_ digest: SecretDigest) -> LoginTicket? { tickets[digest] }

    package func takeTicket(_ digest: SecretDigest) -> LoginTicket? { tickets.removeValue(forKey: digest) }
}
