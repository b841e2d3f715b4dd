package import Audit
internal import MCP
package import Model
internal import NetworkRules
package import Store

/// Who changes something in the vault.
package struct SecretManager: Sendable {
    package let person: PersonID
    package let isAdmin: Bool

    package init(person: PersonID, isAdmin: Bool) {
        self.person = person
        self.isAdmin = isAdmin
    }

    func manages(_ scope: SecretScope) -> Bool {
        if case .person(let owner) = scope { owner == person } else { isAdmin }
    }
}

// Putting secrets in, taking them out, and saying who may use them. Everybody their own; admins the channels' and the
// company's. All of it is on record before it is done, and throws `VaultError` or `StoreError`.
extension Vault {
    package static let maximumBytes = 64 << 10
    /// Of each person; five times as much of each channel and of the company.
    package static let maximumSecrets = 100
    package static let maximumTotalBytes = 1 << 20

    /// A new secret, or the next version of one, with all it is bound to. `onlyNew`: throws where there is one of the name.
    @discardableResult
    package func set(
        _ text: String, scope: SecretScope, value: SecretValue, binding: SecretBinding, by manager: SecretManager,
        onlyNew: Bool = false, subject: AuditSubject? = nil
    ) async throws -> Secret {
        guard let name = SecretName(text) else {
            throw VaultError(.invalid, "A secret's name has \(SecretName.rule).")
        }
        guard manager.manages(scope) else {
            throw VaultError(.forbidden, "Only an owner or admin sets secrets of a channel or of the company.")
        }
        guard (1...Self.maximumBytes).contains(value.count) else {
            throw VaultError(.invalid, "A secret has 1 to \(Self.maximumBytes) bytes; this has \(value.count).")
        }
        guard value.text?.utf8.contains(0) == false else {
            throw VaultError(.invalid, "A secret is UTF-8 text without NUL. Encode what is none (base64), and say so.")
        }
        let (person, channel) = scope.columns
        if let channel, try await database.channel(channel) == nil {
            throw VaultError(.notFound, "There is no such channel.")
        }
        let old = try await database.secret(named: name.rawValue, person: person, channel: channel)
        guard !onlyNew || old == nil else { throw VaultError.taken(name) }
        let now = database.clock.now()
        var record = SecretRecord(
            id: old?.id ?? database.identifiers.make(), name: name.rawValue, scope: scope.stored, person: person,
            channel: channel, backend: writer.name, version: (old?.version ?? 0) + 1, wrappedKey: nil, sealed: nil,
            binding: binding.stored, by: manager.person, at: now)
        try await checkRoom(for: value, in: record)
        // Sealing keeps nothing yet, and fails where the vault is closed. Another backend keeps it: after the row.
        var stored = StoredValue()
        if writer.isLocal { stored = try await writer.put(value, at: record.address) }
        try await audit.event(
            "secret.set", subject: subject ?? AuditSubject(requester: manager.person),
            details: record.details([
                "hosts": .array(binding.hosts.map { .string($0.description) }),
                "places": .array(binding.effectivePlaces.map(\.description).sorted().map { .string($0) }),
                "backend": .string(writer.name),
            ]))
        if !writer.isLocal { stored = try await writer.put(value, at: record.address) }
        (record.wrappedKey, record.sealed) = (stored.wrappedKey, stored.sealed)
        try await database.putSecret(record, sealedUnder: stored.keyID)
        if !writer.isLocal { _ = await live.note(value, of: record.id) }
        if let old, old.backend != writer.name { try? await backends[old.backend]?.remove(old.address) }
        try await refresh()
        return try record.secret()
    }

    /// Every value is held in memory and looked for in all that leaves, so nobody puts in as many as they like.
    private func checkRoom(for value: SecretValue, in record: SecretRecord) async throws {
        let others = try await database.secrets().filter {
            $0.id != record.id && $0.scope == record.scope && $0.person == record.person
                && $0.channel == record.channel
        }
        let factor = record.scope == .person ? 1 : 5
        guard others.count < Self.maximumSecrets * factor else {
            throw VaultError(
                .invalid,
                "There are \(others.count) secrets here, which is as many as there may be. Remove one first "
                    + "(bulkhead secret rm).")
        }
        var bytes = value.count
        for other in others {
            if let sealed = other.sealed {
                bytes += max(0, sealed.count - LocalBackend.sealBytes)
            } else {
                bytes += await live.bytes(of: other.id)
            }
        }
        guard bytes <= Self.maximumTotalBytes * factor else {
            throw VaultError(
                .invalid,
                "The secrets here would have \(bytes) bytes, more than the \(Self.maximumTotalBytes * factor) there may be. "
                    + "Remove one first (bulkhead secret rm).")
        }
    }

    package func remove(_ id: SecretID, by manager: SecretManager) async throws {
        let record = try await managed(id, by: manager)
        try await audit.event(
            "secret.removed", subject: AuditSubject(requester: manager.person), details: record.details())
        // The value first: a row without one can be removed again, a value without a row would stay for ever.
        try await backends[record.backend]?.remove(record.address)
        guard try await database.removeSecret(id) else { throw VaultError(.notFound, Self.nothing) }
        try await refresh()
    }

    /// False where it was so before.
    package func grant(_ id: SecretID, to grantee: SecretGrantee, by manager: SecretManager) async throws -> Bool {
        let record = try await managed(id, by: manager)
        if case .channel(let channel) = grantee, !manager.isAdmin {
            guard try await database.members(of: channel).contains(where: { $0.id == manager.person }) else {
                throw VaultError(.notFound, "There is no such channel, or you are not in it.")
            }
        }
        try await audit.event(
            "secret.granted", subject: AuditSubject(requester: manager.person), details: record.details(grantee.details)
        )
        return try await database.grantSecret(id, to: grantee, by: manager.person)
    }

    /// False where it was so before.
    package func revoke(_ id: SecretID, from grantee: SecretGrantee, by manager: SecretManager) async throws -> Bool {
        let record = try await managed(id, by: manager)
        // First: what takes rights away does not wait for a disk with room.
        let hasChanged = try await database.revokeSecret(id, from: grantee)
        try await audit.event(
            "secret.revoked", subject: AuditSubject(requester: manager.person), details: record.details(grantee.details)
        )
        return hasChanged
    }

    /// Those `manager` may change, and those they may use somewhere.
    package func secrets(for manager: SecretManager) async throws -> [SecretRecord] {
        var visible: Set<SecretID> = []
        for channel in try await database.channels(for: manager.person) {
            visible.formUnion(try await database.visibleSecrets(to: manager.person, in: channel.id).map(\.record.id))
        }
        return try await database.secrets().filter { visible.contains($0.id) || manager.manages($0.secretScope) }
    }

    /// Every data key under a new master key. Returns how many, and that key's name.
    package func rotate(by manager: SecretManager) async throws -> (count: Int, keyID: String) {
        guard manager.isAdmin else { throw VaultError(.forbidden, "Only an owner or admin rotates the vault's key.") }
        let subject = AuditSubject(requester: manager.person)
        let old = try keyring.key.id
        try await audit.event("vault.rotating", subject: subject, details: ["from": .string(old)])
        let count = try await keyring.rotate()
        let new = try keyring.key.id
        try await audit.event(
            "vault.rotated", subject: subject,
            details: ["from": .string(old), "to": .string(new), "secrets": .int(Int64(count))])
        return (count, new)
    }

    private func managed(_ id: SecretID, by manager: SecretManager) async throws -> SecretRecord {
        guard let record = try await database.secret(id) else { throw VaultError(.notFound, Self.nothing) }
        if manager.manages(record.secretScope) { return record }
        let isSeen = try await secrets(for: manager).contains { $0.id == id }
        guard isSeen else { throw VaultError(.notFound, Self.nothing) }
        throw VaultError(.forbidden, "The secret \(record.name) is not yours to change.")
    }

    private static let nothing = "There is no such secret, or it is not yours to see."
}

extension VaultError {
    static func taken(_ name: SecretName) -> VaultError {
        VaultError(
            .conflict,
            "There is a secret named \(name) here already, and an agent replaces none: the person does, with `bulkhead secret "
                + "set \(name)`.")
    }
}

extension SecretScope {
    var columns: (person: PersonID?, channel: ChannelID?) {
        switch self {
        case .company: (nil, nil)
        case .channel(let id): (nil, id)
        case .person(let id): (id, nil)
        }
    }

    var stored: SecretRecord.Scope {
        switch self {
        case .company: .company
        case .channel: .channel
        case .person: .person
        }
    }
}

extension SecretGrantee {
    fileprivate var details: JSONObject {
        switch self {
        case .person(let id): ["to_person": .string(id.rawValue)]
        case .channel(let id): ["to_channel": .string(id.rawValue)]
        }
    }
}
