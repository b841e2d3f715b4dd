package import Audit
package import LeakScan
internal import Model
package import Store

/// Secrets: kept sealed, given out for what they are bound to, and every use on record before it happens.
package struct Vault: Sendable {
    let database: Database
    let audit: AuditLog
    /// Those whose values can be read, by name; `writer` takes new ones.
    let backends: [String: any SecretBackend]
    let writer: any SecretBackend
    package let keyring: Keyring
    package let live: LiveValues

    /// `remote`: whose values can be read too; `writesRemote`: it takes new ones, in place of the database.
    package init(
        database: Database, audit: AuditLog, keyring: Keyring, remote: (any SecretBackend)? = nil,
        writesRemote: Bool = true, leaks: LeakGuard
    ) {
        self.database = database
        self.audit = audit
        self.keyring = keyring
        let local = LocalBackend(keyring: keyring)
        writer = writesRemote ? remote ?? local : local
        var backends: [String: any SecretBackend] = [local.name: local]
        if let remote { backends[remote.name] = remote }
        self.backends = backends
        live = LiveValues(leaks: leaks)
    }

    /// Finds the master key and gives the leak scan what it has to look for. A key that is missing or wrong closes the
    /// vault, and is told by `keyring.problem`; throws `StoreError` alone.
    package func open() async throws {
        try await keyring.open()
        try await refresh()
    }

    /// After every change: from when this returns, what is live is looked for.
    func refresh() async throws {
        try await live.refresh { [self] in
            var values: [SecretID: LiveValues.Live] = [:]
            var broken: [String] = []
            for record in try await database.secrets() {
                guard let backend = backends[record.backend] else { continue }
                if backend.isLocal {
                    do {
                        values[record.id] = LiveValues.Live(
                            name: record.name, owner: record.person, value: try await value(of: record))
                    } catch is VaultError {
                        broken.append(record.name)
                    }
                } else {
                    values[record.id] = LiveValues.Live(name: record.name, owner: record.person, value: nil)
                }
            }
            return (values, broken)
        }
    }

    /// The value as it is stored, with no question asked.
    func value(of record: SecretRecord) async throws -> SecretValue {
        guard let backend = backends[record.backend] else {
            throw VaultError(
                .unavailable,
                "The secret \(record.name) is kept in the backend \(record.backend), which is not configured any more.")
        }
        let stored = StoredValue(wrappedKey: record.wrappedKey, sealed: record.sealed)
        do {
            return try await backend.value(at: record.address, stored: stored)
        } catch let error as VaultError where error.code == .key {
            // A rotation or another version may have come in between.
            guard let now = try await database.secret(record.id), now.version == record.version,
                now.wrappedKey != record.wrappedKey
            else { throw error }
            return try await backend.value(
                at: now.address, stored: StoredValue(wrappedKey: now.wrappedKey, sealed: now.sealed))
        }
    }
}

extension SecretRecord {
    var secretScope: SecretScope {
        switch scope {
        case .company: .company
        // The table holds these two to be there; an empty identifier would be nobody's.
        case .channel: .channel(channel ?? ChannelID(trusted: ""))
        case .person: .person(person ?? PersonID(trusted: ""))
        }
    }

    var address: SecretAddress {
        SecretAddress(id: id, name: name, scope: secretScope, version: version, binding: binding)
    }

    /// Throws where its row is not one that was written here.
    func secret() throws -> Secret {
        guard let name = SecretName(name) else {
            throw VaultError(.key, "A secret's row in the database has a name that was not given here.")
        }
        return Secret(
            id: id, name: name, scope: secretScope, version: version, binding: try SecretBinding(stored: binding),
            owner: createdBy, created: created, changed: changed, uses: uses, lastUsed: lastUsed)
    }
}
