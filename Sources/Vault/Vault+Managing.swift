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
    /// `left`: a sentence for people where a value before it stays where it was kept.
    @discardableResult
    package func set(
        _ text: String, scope: SecretScope, value: SecretValue, binding: SecretBinding, by manager: SecretManager,
        onlyNew: Bool = false, subject: AuditSubject? = nil
    ) async throws -> (secret: Secret, left: String?) {
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
        let room = await room(for: value, in: record)
        // Here too, as what is refused is neither put on record nor kept elsewhere.
        try await Self.full { try await database.requireRoom(room, for: record) }
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
        do {
            try await Self.full { try await database.putSecret(record, sealedUnder: stored.keyID, in: room) }
        } catch {
            // Of a new one that is not in the database nobody would ever know there.
            if old == nil, !writer.isLocal { _ = try? await letGo(of: record, by: manager) }
            throw error
        }
        if !writer.isLocal { _ = await live.note(value, of: record.id) }
        try await refresh()
        var left: String?
        if let old, old.backend != writer.name { left = try await letGo(of: old, by: manager) }
        return (try record.secret(), left)
    }

    /// Removes a value from where it is kept, beside the database. A sentence for people, and a row of the audit, where it
    /// stays there.
    private func letGo(of record: SecretRecord, by manager: SecretManager) async throws -> String? {
        let why: String
        if let backend = backends[record.backend] {
            do {
                try await backend.remove(record.address)
                return nil
            } catch {
                why = "\(error)"
            }
        } else {
            why = "that backend is not configured any more."
        }
        try await audit.event(
            "secret.left", subject: AuditSubject(requester: manager.person),
            details: record.details(["backend": .string(record.backend)]))
        return
            "A value of \(record.name) is still kept in \(record.backend), under \(record.id): \(why) Remove it there."
    }

    /// Every value is held in memory and looked for in all that leaves, so nobody puts in as many as they like.
    private func room(for value: SecretValue, in record: SecretRecord) async -> SecretRoom {
        let factor = record.scope == .person ? 1 : 5
        return SecretRoom(
            secrets: Self.maximumSecrets * factor, bytes: Self.maximumTotalBytes * factor, value: value.count,
            sealing: LocalBackend.sealBytes, elsewhere: await live.bytesElsewhere())
    }

    private static func full(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as StoreError where error.code == .invalid {
            throw VaultError(.invalid, error.message)
        }
    }

    /// Returns a sentence for people where the value stays in a backend that is not configured any more.
    @discardableResult
    package func remove(_ id: SecretID, by manager: SecretManager) async throws -> String? {
        let record = try await managed(id, by: manager)
        try await audit.event(
            "secret.removed", subject: AuditSubject(requester: manager.person), details: record.details())
        // The value first: a row without one can be removed again, a value without a row would stay for ever.
        var left: String?
        if let backend = backends[record.backend] {
            try await backend.remove(record.address)
        } else {
            left = try await letGo(of: record, by: manager)
        }
        guard try await database.removeSecret(id) else { throw VaultError(.notFound, Self.nothing) }
        try await refresh()
        return left
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
