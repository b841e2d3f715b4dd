internal import Console
internal import Conversations
internal import LeakScan
internal import MCP
internal import Model
internal import NetworkRules
internal import Store
internal import Vault

/// The console's operations on secrets.
struct VaultDesk: SecretOperations {
    let vault: Vault
    let people: People
    let backend: String

    private var database: Database { people.database }

    func secrets(for person: PersonID) async throws -> [JSONObject] {
        let manager = try await manager(person)
        let (names, grants) = (try await names(), try await database.secretGrants())
        return try await vault.secrets(for: manager).map { record in
            var object = try json(record, names, by: manager)
            object["granted_to"] = .array(
                grants.filter { $0.secret == record.id }.map { grant in
                    let who = grant.person.map { names[$0.rawValue] ?? $0.rawValue }
                    let place = grant.channel.map { "#" + (names[$0.rawValue] ?? $0.rawValue) }
                    return .string(who ?? place ?? "")
                })
            return object
        }
    }

    func setSecret(_ draft: SecretDraft, by person: PersonID) async throws -> JSONObject {
        let manager = try await manager(person)
        let scope: SecretScope
        switch draft.scope {
        case "person": scope = .person(person)
        case "company": scope = .company
        case "channel": scope = .channel(try await channel(draft.channel ?? "", for: manager))
        default: throw ChatError(.invalid, "A secret's scope is person, channel or company.")
        }
        return try await Self.mapped {
            let binding = try SecretBinding(hosts: draft.hosts, places: draft.places)
            let (secret, left) = try await vault.set(
                draft.name, scope: scope, value: SecretValue(draft.value.utf8), binding: binding, by: manager)
            guard let record = try await database.secret(secret.id) else {
                throw ChatError(.conflict, "The secret was removed in this moment.")
            }
            var answer = try json(record, try await names(), by: manager)
            answer["left"] = left.map { .string($0) }
            answer["short"] = .bool(!LeakSecret.isSearched(Array(draft.value.utf8)))
            return answer
        }
    }

    func removeSecret(_ id: SecretID, by person: PersonID) async throws -> JSONObject {
        let manager = try await manager(person)
        let left = try await Self.mapped { try await vault.remove(id, by: manager) }
        return left.map { ["left": .string($0)] } ?? [:]
    }

    func grantSecret(
        _ id: SecretID, _ isGranted: Bool, toPerson: String?, toChannel: String?, by person: PersonID
    ) async throws -> JSONObject {
        let manager = try await manager(person)
        let grantee: SecretGrantee
        if let toPerson {
            // To take it back from somebody who may not come in any more.
            let found = isGranted ? try await people.person(named: toPerson) : try await people.whoever(named: toPerson)
            guard let found else { throw ChatError(.notFound, "There is nobody called \(toPerson.prefix(64)).") }
            grantee = .person(found)
        } else {
            grantee = .channel(try await channel(toChannel ?? "", for: manager))
        }
        return try await Self.mapped {
            let hasChanged =
                isGranted
                ? try await vault.grant(id, to: grantee, by: manager)
                : try await vault.revoke(id, from: grantee, by: manager)
            return ["changed": .bool(hasChanged)]
        }
    }

    func vaultStatus() async throws -> JSONObject {
        let (record, secrets) = (try await database.vault(), try await database.secrets())
        var status: JSONObject = [
            "key": .string(vault.keyring.source.name), "backend": .string(backend),
            "secrets": .int(Int64(secrets.count)),
            "broken": .array(await vault.live.broken.map { .string($0) }),
            "never_used": .int(Int64(secrets.count { $0.uses == 0 })),
        ]
        status["grants"] = .array(try await grants(of: secrets).map(JSONValue.object))
        status["key_id"] = record.map { .string($0.keyID) }
        status["rotated"] = record?.rotated.map { .string($0.rfc3339) }
        status["problem"] = vault.keyring.problem.map { .string($0) }
        return status
    }

    func rotateVault(by person: PersonID) async throws -> JSONObject {
        let manager = try await manager(person)
        return try await Self.mapped {
            let (count, keyID) = try await vault.rotate(by: manager)
            return ["secrets": .int(Int64(count)), "key_id": .string(keyID)]
        }
    }

    /// Who may use what beside those it is for. Of people's own secrets whose they are, and not what they are called: that
    /// is nobody else's to know.
    private func grants(of secrets: [SecretRecord]) async throws -> [JSONObject] {
        let names = try await names()
        let byID = Dictionary(secrets.map { ($0.id, $0) }) { first, _ in first }
        func name(_ id: String?) -> String { id.map { names[$0] ?? $0 } ?? "" }
        return try await database.secretGrants().compactMap { grant in
            guard let secret = byID[grant.secret] else { return nil }
            var object: JSONObject = [
                "scope": .string(secret.scope.rawValue), "given": .string(grant.created.rfc3339),
                "by": .string(name(grant.givenBy.rawValue)),
                "last_used": grant.lastUsed.map { .string($0.rfc3339) } ?? .null,
            ]
            object["of"] = (secret.person?.rawValue ?? secret.channel?.rawValue).map { .string(name($0)) }
            object["name"] = secret.scope == .person ? nil : .string(secret.name)
            object["person"] = grant.person.map { .string(name($0.rawValue)) }
            object["channel"] = grant.channel.map { .string(name($0.rawValue)) }
            return object
        }
    }

    private func manager(_ person: PersonID) async throws -> SecretManager {
        let role = try await database.person(person).flatMap { $0.isActive ? $0.role : nil }
        return SecretManager(person: person, isAdmin: role == .owner || role == .admin)
    }

    /// One of theirs; for an admin any.
    private func channel(_ name: String, for manager: SecretManager) async throws -> ChannelID {
        let own = try await database.channels(for: manager.person)
        if let channel = own.first(where: { $0.id.rawValue == name || $0.kind == .room && $0.name == name }) {
            return channel.id
        }
        if manager.isAdmin {
            if let channel = try await database.channel(named: name) { return channel.id }
            if let id = ChannelID(name), let channel = try await database.channel(id) { return channel.id }
        }
        throw ChatError(.notFound, "There is no channel \(name.prefix(80)), or it is not yours to see.")
    }

    private func names() async throws -> [String: String] {
        var names: [String: String] = [:]
        for person in try await database.people() { names[person.id.rawValue] = person.name }
        for secret in try await database.secrets() {
            guard let id = secret.channel else { continue }
            names[id.rawValue] = try await database.channel(id)?.name
        }
        for grant in try await database.secretGrants() {
            guard let id = grant.channel else { continue }
            names[id.rawValue] = try await database.channel(id)?.name
        }
        return names
    }

    private func json(
        _ record: SecretRecord, _ names: [String: String], by manager: SecretManager
    ) throws -> JSONObject {
        let binding = try? SecretBinding(record)
        var object: JSONObject = [
            "id": .string(record.id.rawValue), "name": .string(record.name), "scope": .string(record.scope.rawValue),
            "version": .int(record.version), "backend": .string(record.backend), "uses": .int(record.uses),
            "changed": .string(record.changed.rfc3339),
            "changed_by": .string(names[record.changedBy.rawValue] ?? record.changedBy.rawValue),
            "hosts": .array((binding?.hosts ?? []).map { .string($0.description) }),
            "places": .array((binding?.effectivePlaces ?? []).map(\.description).sorted().map { .string($0) }),
            "yours": .bool(record.person == manager.person || record.person == nil && manager.isAdmin),
        ]
        object["of"] = (record.person?.rawValue ?? record.channel?.rawValue).map { .string(names[$0] ?? $0) }
        object["last_used"] = record.lastUsed.map { .string($0.rfc3339) }
        return object
    }

    private static func mapped<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as VaultError {
            let code: ChatError.Code =
                switch error.code {
                case .notFound: .notFound
                case .forbidden: .forbidden
                case .invalid: .invalid
                case .conflict: .conflict
                case .key, .unavailable: .unavailable
                }
            throw ChatError(code, error.message)
        } catch let error as StoreError where error.code == .conflict {
            throw ChatError(.conflict, error.message)
        } catch let error as StoreError where error.code == .broken {
            throw ChatError(.unavailable, error.message)
        }
    }
}
