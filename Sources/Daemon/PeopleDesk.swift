internal import Console
internal import Conversations
internal import MCP
internal import Model
internal import Settings
internal import Store

/// The console's operations on people, over the settings, the database and what is under way.
struct PeopleDesk: PeopleOperations {
    let people: People
    let linking: AccountLinking
    let conversations: ConversationService

    private var database: Database { people.database }

    func people(for person: PersonID) async throws -> [JSONObject] {
        let role = try await database.person(person)?.role
        let seesAll = role == .owner || role == .admin
        let (records, accounts, deputies) = (
            try await database.people(), try await database.accounts(), try await database.deputies()
        )
        let settings = people.settings.current
        let names = Dictionary(records.map { ($0.id, $0.name) }) { first, _ in first }
        func name(_ id: PersonID) -> JSONValue { .string(names[id] ?? id.rawValue) }
        return records.filter { seesAll || $0.id == person }.map { record in
            var object: JSONObject = ["id": .string(record.id.rawValue), "name": .string(record.name)]
            object["role"] = record.isActive ? .string(record.role.rawValue) : nil
            object["deactivated"] = record.deactivated.map { .string($0.rfc3339) }
            object["deactivated_by"] = record.deactivatedBy.map(name)
            var own: [JSONValue] = []
            if let user = record.osUser {
                own.append(
                    [
                        "surface": "os", "account": .string(String(user)), "label": .string(record.osName ?? ""),
                        "verified": "own", "since": .string(record.created.rfc3339),
                    ])
            }
            own += accounts.filter { $0.person == record.id }.map { account in
                var details = People.details(
                    of: account.surface, account.account, account.label, verified: account.verified)
                details["by"] = account.verifiedBy.map(name)
                details["since"] = .string(account.created.rfc3339)
                return .object(details)
            }
            object["accounts"] = .array(own)
            let addresses = record.osName.flatMap { settings.addresses[$0] } ?? []
            object["addresses"] = .array(addresses.map { .string($0) })
            if let deputy = deputies.first(where: { $0.person == record.id }) {
                object["deputy"] = name(deputy.deputy)
                object["deputy_until"] = deputy.until.map { .string($0.rfc3339) }
            }
            object["deputy_for"] = .array(deputies.filter { $0.deputy == record.id }.map { name($0.person) })
            return object
        }
    }

    func deactivate(_ name: String, by person: PersonID) async throws -> JSONObject {
        let target = try await find(name)
        try await people.deactivate(target, by: person)
        let name = try await database.person(target)?.name ?? name
        await conversations.endWork(
            of: target, reason: "This was ended: \(name) may not use Bulkhead any more.")
        return ["name": .string(name), "active": false]
    }

    func activate(_ name: String, by person: PersonID) async throws -> JSONObject {
        let target = try await find(name)
        let role = try await people.activate(target, by: person)
        var answer: JSONObject = ["active": .bool(role != nil)]
        answer["name"] = .string(try await database.person(target)?.name ?? name)
        answer["role"] = role.map { .string($0.rawValue) }
        return answer
    }

    func setDeputy(
        _ deputy: String?, of name: String, until: Timestamp?, by person: PersonID
    ) async throws -> JSONObject {
        let target = try await find(name)
        var other: PersonID?
        if let deputy {
            guard let found = try await people.person(named: deputy) else { throw Self.nobody(deputy) }
            other = found
        }
        try await people.setDeputy(other, of: target, until: until, by: person)
        var answer: JSONObject = ["name": .string(try await database.person(target)?.name ?? name)]
        if let other { answer["deputy"] = .string(try await database.person(other)?.name ?? "") }
        return answer
    }

    func makeLinkCode(for person: PersonID) async throws -> JSONObject {
        let (code, expires) = try await linking.makeCode(for: person)
        return ["code": .string(code), "expires": .string(expires.rfc3339)]
    }

    func redeemLinkCode(_ code: String, user: UInt32) async throws -> JSONObject {
        let person = try await linking.redeem(code, user: user)
        return ["person": .string(person.name)]
    }

    func unlink(_ account: String, by person: PersonID) async throws -> JSONObject {
        let link = try await people.unlink(account, by: person)
        // Which of them came through that account is not known: none stays.
        await conversations.endSessions(
            of: link.person, onlyExternal: true, reason: "This was ended: an account was unlinked.")
        return ["surface": .string(link.surface), "label": .string(link.label)]
    }

    private func find(_ name: String) async throws -> PersonID {
        guard let person = try await people.whoever(named: name) else { throw Self.nobody(name) }
        return person
    }

    private static func nobody(_ name: String) -> ChatError {
        ChatError(.notFound, "There is nobody called \(name.prefix(64)).")
    }
}
