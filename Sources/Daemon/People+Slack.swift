internal import Audit
internal import Conversations
internal import Harness
internal import MCP
internal import Model
internal import Settings
internal import Slack
internal import Store

/// Who Slack's accounts are.
struct SlackRegister: SlackPeople {
    let people: People
    let linking: AccountLinking
    let settings: Reloadable<SlackSettings>
    /// What runs for somebody who may not come in any more ends.
    let endWork: @Sendable (PersonID, String) async -> Void

    private var database: Database { people.database }

    func person(of user: SlackAccount) async throws -> PersonID {
        guard !user.isBot, !user.isGuest, !user.isStranger, !user.isDeactivated else { throw People.unknownInSlack }
        let account = SurfaceAccount(surface: SurfaceAccount.slack, account: user.id, label: user.name)
        let address = user.address.map { AccountAddress(text: $0, isVerified: user.isAddressConfirmed) }
        do {
            return try await people.person(
                of: account, address: address, isOfWorkspace: settings.current.people == .members)
        } catch let error as ChatError where error.code == .forbidden {
            // In words for one who reads them in Slack.
            throw People.unknownInSlack
        }
    }

    func known(_ account: String) async throws -> PersonID? {
        try await database.account(account, on: SurfaceAccount.slack)?.person
    }

    func principal(ofBot bot: SlackAccount) async throws -> PersonID? {
        let settings = settings.current
        guard !bot.isStranger, !bot.isDeactivated, let name = settings.bots[bot.id] else { return nil }
        return try? await people.person(named: name)
    }

    func link(_ user: SlackAccount, by code: String) async throws -> String {
        guard !user.isBot, !user.isGuest, !user.isStranger, !user.isDeactivated else { throw People.unknownInSlack }
        let person = try await linking.redeem(
            code, account: SurfaceAccount(surface: SurfaceAccount.slack, account: user.id, label: user.name))
        return "This account is \(person.name)'s now."
    }

    /// Whoever is deactivated there, or is none of the workspace any more, is signed out and links no more.
    func changed(_ user: SlackAccount) async throws {
        guard user.isDeactivated || user.isGuest || user.isStranger,
            let link = try await database.account(user.id, on: SurfaceAccount.slack)
        else { return }
        let reason = user.isDeactivated ? "the account was deactivated" : "the account is no full member any more"
        try await people.remove(link, by: nil, because: reason)
        guard let record = try await database.person(link.person) else { return }
        try await people.settle(record)
        guard try await database.person(link.person)?.isActive == false else { return }
        await endWork(link.person, "This was ended: \(record.name) may not use Bulkhead any more.")
    }
}

extension SurfaceAccount {
    static let slack = "slack"
}

extension People {
    static let unknownInSlack = ChatError(
        .forbidden,
        "I do not know who you are here. Ask whoever runs Bulkhead, or, if you use it elsewhere already, run "
            + "`bulkhead people link` there and tell me here: link CODE")

    /// A person of the account's own, who is a member as long as it is a full member of the workspace.
    func admit(_ account: SurfaceAccount) async throws -> PersonID {
        let record = try await database.makePerson(called: account.label, account: account.account, on: account.surface)
        try await audit.event(
            "person.admitted", subject: AuditSubject(requester: record.id),
            details: [
                "name": .string(record.name), "role": .string(record.role.rawValue),
                "surface": .string(account.surface), "account": .string(account.account),
            ])
        return record.id
    }
}
