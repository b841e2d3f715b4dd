import Foundation
import Glibc
import Model
import Store
import Testing
import Vault

/// The master key's file: made once, never over another, and taken from nobody who could have changed or read it.
@Suite struct KeyFileTests {
    @Test func itIsMadeAtFirstUseAndReadableByItsOwnerAlone() async throws {
        let fixture = try await Fixture()
        let path = fixture.path + "/vault.key"
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try await fixture.set("token", "kept by that key", .company)
        let again = try await fixture.reopened()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        #expect(
            try await fixture.read("token", for: fixture.anna, in: fixture.sales, from: again) == "kept by that key")
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.path).sorted() == ["data", "vault.key"])
    }

    @Test(arguments: [
        ("chmod 640", "chmod 600"), ("chmod 604", "chmod 600"), ("link", "is a link"), ("empty", "is no key"),
        ("short", "is no key"), ("directory", "no plain file"), ("fifo", "no plain file"),
        ("other owner", "another user"),
    ])
    func aFileThatCannotBeTrustedClosesTheVault(_ change: String, _ word: String) async throws {
        let fixture = try await Fixture()
        try await fixture.set("token", "kept", .company)
        let path = fixture.path + "/vault.key"
        let aside = fixture.path + "/aside"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        switch change {
        case "chmod 640": #expect(chmod(path, 0o640) == 0)
        case "chmod 604": #expect(chmod(path, 0o604) == 0)
        case "other owner": #expect(chown(path, 12345, 12345) == 0)
        default:
            #expect(rename(path, aside) == 0)
            switch change {
            case "link": #expect(symlink(aside, path) == 0)
            case "empty": try make(path, "")
            case "short": try make(path, String(repeating: "a", count: 62))
            case "directory": #expect(mkdir(path, 0o700) == 0)
            default: #expect(mkfifo(path, 0o600) == 0)
            }
        }
        let vault = try await fixture.reopened()
        let problem = try #require(vault.keyring.problem)
        #expect(problem.contains(word), "\(problem)")
        await #expect(throws: VaultError.self) {
            try await fixture.read("token", for: fixture.anna, in: fixture.sales, from: vault)
        }
        // Put right, nothing is lost.
        if change.hasPrefix("chmod") { #expect(chmod(path, 0o600) == 0) }
        if change == "other owner" { #expect(chown(path, 0, 0) == 0) }
        if !change.hasPrefix("chmod"), change != "other owner" {
            try FileManager.default.removeItem(atPath: path)
            #expect(rename(aside, path) == 0)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
        let right = try await fixture.reopened()
        #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales, from: right) == "kept")
    }

    @Test func anotherKeyOpensNothingAndOverwritesNothing() async throws {
        let fixture = try await Fixture()
        try await fixture.set("token", "kept", .company)
        let before = try await fixture.database.secrets()
        let other = fixture.path + "/other.key"
        try make(other, String(repeating: "0f", count: 32) + "\n")
        for file in [other, fixture.path + "/missing.key"] {
            let vault = try await fixture.reopened(key: file)
            #expect(vault.keyring.problem?.contains("Secrets stay sealed") == true)
            await #expect(throws: VaultError.self) {
                try await vault.set(
                    "new", scope: .company, value: SecretValue("x".utf8), binding: SecretBinding(), by: fixture.admin)
            }
            await #expect(throws: VaultError.self) { try await vault.rotate(by: fixture.admin) }
            #expect(try await fixture.database.secrets() == before)
        }
        #expect(access(fixture.path + "/missing.key", F_OK) != 0, "no key is made where the vault has one already")
        #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales) == "kept")
    }

    @Test func theNextKeyIsNeverWrittenOver() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())").path
        #expect(mkdir(directory, 0o700) == 0)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = KeyFile(path: directory + "/vault.key")
        let first = try file.makeFirst()
        #expect(throws: VaultError.self) { try file.makeFirst() }
        let next = try file.next(after: first)
        #expect(try file.next(after: first).id == next.id)
        #expect(try file.keys().map(\.id) == [first.id, next.id])
        // In force, and not in its own place yet: it is put there before another comes beside it.
        let third = try file.next(after: next)
        #expect(try file.keys().map(\.id) == [next.id, third.id])
        // A key that neither file holds: nothing is touched.
        let other = try #require(MasterKey(bytes: [UInt8](repeating: 7, count: 32)))
        #expect(throws: VaultError.self) { try file.settle(on: other) }
        #expect(try file.keys().map(\.id) == [next.id, third.id])
        try file.settle(on: next)
        try file.settle(on: next)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["vault.key"])
        #expect(throws: VaultError.self) { try file.settle(on: other) }
    }

    @Test func whereTheKeyIsLostTheVaultBeginsAnewOnceItIsEmpty() async throws {
        let fixture = try await Fixture()
        let secret = try await fixture.set("token", "lost", .company)
        let file = fixture.path + "/fresh.key"
        var vault = try await fixture.reopened(key: file)
        try await vault.remove(secret.id, by: fixture.admin)
        vault = try await fixture.reopened(key: file)
        #expect(vault.keyring.problem == nil)
        try await vault.set(
            "token", scope: .company, value: SecretValue("new".utf8), binding: SecretBinding(), by: fixture.admin)
        #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales, from: vault) == "new")
    }

    @Test func aCredentialIsReadAndTheNextOneRotatedTo() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "credentials-\(UUID())").path
        #expect(mkdir(directory, 0o700) == 0)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try make(directory + "/bulkhead-vault-key", String(repeating: "01", count: 32))
        let fixture = try await Fixture(key: KeyCredential(directory: directory))
        try await fixture.set("token", "kept", .company)
        await #expect(throws: VaultError.self) { try await fixture.vault.rotate(by: fixture.admin) }
        try make(directory + "/bulkhead-vault-key-next", String(repeating: "02", count: 32))
        #expect(try await fixture.vault.rotate(by: fixture.admin).count == 1)
        // The operator takes the older one away.
        #expect(rename(directory + "/bulkhead-vault-key-next", directory + "/bulkhead-vault-key") == 0)
        let keyring = Keyring(database: fixture.database, source: KeyCredential(directory: directory))
        try await keyring.open()
        #expect(keyring.problem == nil)
        #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales) == "kept")
    }

    @Test func aKeyFromTheEnvironmentIsTakenOutOfIt() throws {
        let text = String(repeating: "5a", count: 32)
        setenv(KeyEnvironment.variable, text, 1)
        let memory = try #require(getenv(KeyEnvironment.variable))
        let source = try KeyEnvironment()
        #expect(source.keys().count == 1)
        #expect(getenv(KeyEnvironment.variable) == nil)
        #expect(UnsafeRawBufferPointer(start: memory, count: 64).allSatisfy { $0 == 0 })
        setenv(KeyEnvironment.variable, "nonsense", 1)
        #expect(throws: VaultError.self) { try KeyEnvironment() }
        #expect(getenv(KeyEnvironment.variable) == nil)
    }

    private func make(_ path: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        #expect(chmod(path, 0o600) == 0)
    }
}
