internal import Audit
internal import Conversations
internal import Harness
internal import MCP
internal import Model
internal import Settings
internal import Store

/// Codes by which somebody at one account shows that another is theirs too.
actor AccountLinking {
    static let validity = Duration.seconds(600)
    /// Codes that one account may try in `validity`. A code has 50 bits.
    static let guesses = 5

    private let people: People
    private var database: Database { people.database }
    /// When each account tried, oldest first; counted before the answer is known, so that many at once are many. Bounded
    /// by the number of the system's users and of Slack's.
    private var tries: [String: [Timestamp]] = [:]

    init(people: People) {
        self.people = people
    }

    /// A new code for `person`; one that was made before is void.
    func makeCode(for person: PersonID) async throws -> (code: String, expires: Timestamp) {
        let code = Self.randomCode()
        let expires = database.clock.now().advanced(by: Self.validity)
        try await people.record("account.code_made", person, by: person, [:])
        try await database.saveLinkCode(code, of: person, expires: expires)
        return (Self.shown(code), expires)
    }

    /// Makes the operating-system user, by the code, an account of whoever was given it; says who that is.
    ///
    /// An account with a life of its own does not become another: whom the settings list, root, and whoever has ever
    /// said or done anything here stays themselves.
    func redeem(_ text: String, user: UInt32) async throws -> PersonRecord {
        guard let name = try people.users.name(user) else {
            throw ChatError(.forbidden, "The operating system knows no user \(user).")
        }
        guard user != 0, !people.settings.current.lists(name) else {
            throw ChatError(
                .forbidden,
                "\(name) is somebody of their own in the settings. Take the name out there (people.owner, people.admins, "
                    + "people.members) before linking it.")
        }
        let own = try await database.person(osUser: user).flatMap { $0.osName == name ? $0 : nil }
        guard own?.deactivated == nil else {
            throw ChatError(.forbidden, "\(name) was deactivated by an admin.")
        }
        if let own, try await database.hasHistory(own.id) {
            throw ChatError(
                .conflict,
                "\(name) has conversations or other traces of its own here, and two histories are not made one. An admin "
                    + "can deactivate \(own.name); its history stays under that name.")
        }
        return try await link(
            SurfaceAccount(surface: SurfaceAccount.os, account: String(user), label: name), by: text, own: own)
    }

    /// The same for an account of another surface. One that is a person of its own, and has done anything as such, stays so.
    func redeem(_ text: String, account: SurfaceAccount) async throws -> PersonRecord {
        let link = try await database.account(account.account, on: account.surface)
        guard link.map({ $0.verified == .workspace }) ?? true else {
            throw ChatError(.conflict, "This account is linked already. Unlink it first (`bulkhead people unlink`).")
        }
        let own = if let link { try await database.person(link.person) } else { nil as PersonRecord? }
        guard own?.deactivated == nil else { throw ChatError(.forbidden, "You were deactivated by an admin.") }
        if let own, try await database.hasHistory(own.id, besidesItsOnlyAccount: true) {
            throw ChatError(
                .conflict, "This account has conversations of its own here, and two histories are not made one.")
        }
        return try await self.link(account, by: text, own: own)
    }

    private func link(_ account: SurfaceAccount, by text: String, own: PersonRecord?) async throws -> PersonRecord {
        try limit("\(account.surface):\(account.account)")
        let person: PersonID?
        do {
            person = try await database.linkAccount(
                account.account, on: account.surface, called: account.label, by: Self.normal(text), own: own?.id)
        } catch let error as StoreError where error.code == .conflict {
            throw ChatError(.conflict, error.message)
        }
        guard let person, let record = try await database.person(person) else {
            try await people.audit.event(
                "account.link_refused",
                details: [
                    "surface": .string(account.surface), "account": .string(account.account),
                    "label": .string(account.label),
                ])
            throw ChatError(
                .forbidden, "That code is wrong, used up or more than 10 minutes old. `bulkhead people link` makes one."
            )
        }
        do {
            try await people.record(
                "account.linked", person, by: person,
                People.details(of: account.surface, account.account, account.label, verified: .code))
        } catch {
            // What cannot be recorded is not done.
            try await database.removeAccount(account.account, on: account.surface)
            throw error
        }
        tries["\(account.surface):\(account.account)"] = nil
        // The person the account was by itself is out from here on.
        if let own { try await people.settle(own) }
        return record
    }

    private func limit(_ user: String) throws {
        let since = database.clock.now().advanced(by: .zero - Self.validity)
        let recent = (tries[user] ?? []).filter { $0 > since }
        guard recent.count < Self.guesses else {
            throw ChatError(
                .unavailable, "\(Self.guesses) wrong codes came from this account. Try again in 10 minutes.")
        }
        tries[user] = recent + [database.clock.now()]
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    private static func randomCode() -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<10).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] })
    }

    private static func shown(_ code: String) -> String { "\(code.prefix(5))-\(code.suffix(5))" }

    /// As people copy it: in small letters, with the dash or without.
    private static func normal(_ text: String) -> String {
        String(text.uppercased().filter { $0.isLetter || $0.isNumber }.prefix(32))
    }
}
