internal import Conversations
internal import Harness
internal import MCP
internal import Model
internal import Settings
internal import Store

/// An account on a surface, as the surface knows it.
struct SurfaceAccount: Hashable, Sendable {
    static let os = "os"

    /// `os`, `slack`, `email`.
    var surface: String
    /// A user number, a member's id.
    var account: String
    /// What it is called there.
    var label: String
}

/// An address as a surface has it of one of its accounts.
struct AccountAddress: Hashable, Sendable {
    var text: String
    /// Whether the surface vouches for it: it made sure itself, or the company's directory did.
    var isVerified: Bool
}

// Which person an account is. The role is the person's, and follows from the person's own account alone.
extension People {
    /// Whose further account the operating-system user is; `nil` for one who is nobody's. Whom the settings list as
    /// somebody is that somebody, and root is root, whatever was linked before.
    func linked(user: UInt32, name: String) async throws -> PersonID? {
        guard let link = try await database.account(String(user), on: SurfaceAccount.os) else { return nil }
        guard link.label == name else {
            // The number went to another name: another account.
            try await remove(link, by: nil, because: "the account belongs to another name now")
            return nil
        }
        return user == 0 || settings.current.lists(name) ? nil : link.person
    }

    /// Which person an account of another surface is: linked by code, else by an address the surface vouches for and the
    /// settings give to exactly one; else, where `isOfWorkspace`, a person of its own. Throws `ChatError` for everybody else.
    func person(
        of account: SurfaceAccount, address: AccountAddress?, isOfWorkspace: Bool = false
    ) async throws -> PersonID {
        let link = try await database.account(account.account, on: account.surface)
        if let link, link.verified == .code {
            guard try await isAdmitted(link.person) else { throw Self.unknown }
            return link.person
        }
        if let person = try await owner(of: address) {
            if link?.person != person { try await save(account, of: person, before: link) }
            return person
        }
        if let link, link.verified == .workspace {
            guard isOfWorkspace, try await isAdmitted(link.person) else { throw Self.unknown }
            return link.person
        }
        if let link { try await remove(link, by: nil, because: "its address is nobody's any more") }
        guard isOfWorkspace else { throw Self.unknown }
        return try await admit(account)
    }

    private func save(_ account: SurfaceAccount, of person: PersonID, before link: AccountRecord?) async throws {
        try await record(
            "account.linked", person, by: nil,
            Self.details(of: account.surface, account.account, account.label, verified: .address))
        try await database.saveAccount(account.account, on: account.surface, called: account.label, of: person)
        // One who was somebody by that account alone is nobody without it.
        if let link, let former = try await database.person(link.person) { try await settle(former) }
    }

    /// Whether the person is one by being of the workspace.
    func isOfWorkspace(_ person: PersonID) async throws -> Bool {
        guard admitsWorkspace() else { return false }
        return try await database.accounts().contains { $0.person == person && $0.verified == .workspace }
    }

    /// Takes a link away: one's own, or as an admin. Whoever signed in through it is signed out.
    func unlink(_ name: String, by author: PersonID) async throws -> AccountRecord {
        let (surface, wanted) = Self.parts(of: name)
        let found = try await database.accounts().filter {
            $0.surface == surface && ($0.account == wanted || $0.label == wanted)
        }
        let role = try await database.person(author).flatMap { $0.isActive ? $0.role : nil }
        guard found.count == 1, let link = found.first else {
            throw ChatError(.notFound, "There is no linked account \(name.prefix(100)).")
        }
        let owner = try await database.person(link.person)
        guard link.person == author || role == .owner || role == .admin && owner?.role != .owner else {
            throw ChatError(.notFound, "There is no linked account \(name.prefix(100)).")
        }
        try await remove(link, by: author, because: "unlinked")
        return link
    }

    private static let unknown = ChatError(
        .forbidden,
        "This account is nobody's here: link it with a code (`bulkhead people link`), or have its verified address "
            + "listed in the settings (people.addresses).")

    private func owner(of address: AccountAddress?) async throws -> PersonID? {
        guard let address, address.isVerified, let name = settings.current.name(ofAddress: address.text),
            let user = try users.number(name)
        else { return nil }
        return try await person(user: user)
    }

    func remove(_ link: AccountRecord, by author: PersonID?, because reason: String) async throws {
        // Sign-ins do not say through which account they came: all end.
        try await database.endLogins(of: link.person)
        guard let rooms = try await database.removeAccount(link.account, on: link.surface) else { return }
        var details = Self.details(of: link.surface, link.account, link.label, verified: link.verified)
        details["reason"] = .string(reason)
        details["rooms"] = rooms.isEmpty ? nil : .array(rooms.map { .string($0.rawValue) })
        try await record("account.unlinked", link.person, by: author, details)
    }

    static func details(
        of surface: String, _ account: String, _ label: String, verified: AccountRecord.Verification
    ) -> JSONObject {
        [
            "surface": .string(surface), "account": .string(account), "label": .string(label),
            "verified": .string(verified.rawValue),
        ]
    }

    /// `slack:U123`; without a surface, the operating system's.
    private static func parts(of name: String) -> (surface: String, account: String) {
        guard let colon = name.firstIndex(of: ":") else { return (SurfaceAccount.os, name) }
        return (String(name[..<colon]), String(name[name.index(after: colon)...]))
    }
}
