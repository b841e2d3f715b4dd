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
        let passes = try await passes(user)
        do {
            return try await people.person(of: account, address: address, isOfWorkspace: passes == .yes)
        } catch let error as ChatError where error.code == .forbidden {
            // In words for one who reads them in Slack.
            guard case .no(let answer) = passes else { throw People.unknownInSlack }
            if answer.asks {
                try await database.askSlackAdmission(.person, user.id, called: user.name, asker: user.id)
            }
            throw ChatError(.forbidden, answer.sentence)
        }
    }

    /// Whether a full member comes in by being one.
    private enum Passage: Equatable {
        case yes
        case no(Refusal)
    }

    private struct Refusal: Equatable {
        var sentence: String
        var asks = false
    }

    private func passes(_ user: SlackAccount) async throws -> Passage {
        let settings = settings.current
        guard settings.people == .members else { return .no(Refusal(sentence: People.unknownInSlack.message)) }
        let closed = Refusal(sentence: "An admin has to let you in before you can use me.")
        switch try await database.slackAdmission(.person, user.id)?.state {
        case .allowed: return .yes
        case .refused: return .no(closed)
        case .asked, nil: break
        }
        // Who came in before the setting asked for a word stays.
        if try await database.account(user.id, on: SurfaceAccount.slack)?.verified == .workspace { return .yes }
        switch settings.admission {
        case .open: return .yes
        case .allowlist: return .no(closed)
        case .ask:
            return .no(
                Refusal(
                    sentence: "I have asked the admins whether you may use me, and tell you what they say.", asks: true)
            )
        }
    }

    var admissionEffects: SlackAdmissions.Effects {
        SlackAdmissions.Effects(
            record: { [people] kind, id, allow, admin in
                try await people.audit.event(
                    "slack.\(kind.rawValue)_\(allow ? "allowed" : "refused")", subject: AuditSubject(requester: admin),
                    details: ["id": .string(id)])
            },
            shutOut: { [self] account in
                // A link by code or address is another matter: that one is taken away by `people unlink`.
                guard let link = try await database.account(account, on: SurfaceAccount.slack),
                    link.verified == .workspace
                else { return }
                try await shutOut(link, because: "an admin refused the account")
            })
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
        try await shutOut(link, because: reason)
    }

    private func shutOut(_ link: AccountRecord, because reason: String) async throws {
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
