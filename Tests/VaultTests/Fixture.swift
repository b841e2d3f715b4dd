import Audit
import Foundation
import Glibc
import LeakScan
import MCP
import Model
import NetworkRules
import Store
import ToolServers
import Vault

/// A vault over a real database and a real key file, with two people, an admin, and two rooms.
final class Fixture: Sendable {
    let path: String
    let database: Store.Database
    let audit: AuditLog
    let vault: Vault
    let leaks = LeakGuard()
    let anna, ben, root: PersonRecord
    let sales, legal: ChannelRecord

    init(key: (any MasterKeySource)? = nil) async throws {
        path = FileManager.default.temporaryDirectory.appending(path: "bulkhead-vault-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        database = try Store.Database(directory: path + "/data")
        audit = try await AuditLog.open(database)
        anna = try await database.findOrCreatePerson(name: "anna")
        ben = try await database.findOrCreatePerson(name: "ben")
        root = try await database.findOrCreatePerson(name: "root", role: .admin)
        sales = try await database.createRoom(named: "sales", by: anna.id)
        legal = try await database.createRoom(named: "legal", by: ben.id)
        vault = Vault(
            database: database, audit: audit,
            keyring: Keyring(database: database, source: key ?? KeyFile(path: path + "/vault.key")), leaks: leaks)
        try await vault.open()
    }

    deinit {
        database.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    var admin: SecretManager { SecretManager(person: root.id, isAdmin: true) }

    /// Another process's vault over the same database, as after a restart.
    func reopened(key file: String? = nil) async throws -> Vault {
        let vault = Vault(
            database: database, audit: audit,
            keyring: Keyring(database: database, source: KeyFile(path: file ?? path + "/vault.key")),
            leaks: LeakGuard())
        try await vault.open()
        return vault
    }

    @discardableResult
    func set(
        _ name: String, _ value: String, _ scope: SecretScope, by manager: SecretManager? = nil,
        hosts: [String] = [], places: [String] = []
    ) async throws -> Secret {
        try await vault.set(
            name, scope: scope, value: SecretValue(value.utf8),
            binding: try SecretBinding(hosts: hosts, places: places), by: manager ?? self.manager(of: scope)
        ).secret
    }

    func manager(of scope: SecretScope) -> SecretManager {
        if case .person(let id) = scope { SecretManager(person: id, isAdmin: false) } else { admin }
    }

    func context(_ person: PersonRecord, in channel: ChannelRecord, met demand: ToolDemand? = nil) -> ToolContext {
        ToolContext(
            session: SessionID(trusted: "session"), conversation: ConversationID(trusted: "conversation"),
            channel: channel.id, requester: person.id, call: CallID(trusted: "call"), demand: demand)
    }

    /// The value, with everything said that needs saying.
    func read(
        _ name: String, for person: PersonRecord, in channel: ChannelRecord, from vault: Vault? = nil,
        use: SecretUse = .reading
    ) async throws -> String? {
        let vault = vault ?? self.vault
        guard let secret = try await vault.find(name, for: person.id, in: channel.id) else { return nil }
        let demand = ToolDemand(rule: "use of secrets", word: .admin, reason: "")
        return try await vault.value(of: secret, for: use, context: context(person, in: channel, met: demand)).text
    }

    func tamper(_ sql: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            "-c", "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute(sys.argv[2]); d.commit()",
            path + "/data/bulkhead.sqlite", sql,
        ]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw VaultError(.invalid, "not changed: \(sql)") }
    }

    func events(_ name: String) async throws -> [AuditEntry] {
        try await audit.rows(matching: AuditFilter()).filter { $0.event == name }
    }
}
