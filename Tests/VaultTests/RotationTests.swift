import Foundation
import Glibc
import LeakScan
import Model
import Store
import Testing
import Vault

/// A rotation that is cut off leaves every secret readable, wherever that was.
@Suite struct RotationTests {
    private struct CutOff: Error {}

    @Test(arguments: RotationStep.allCases)
    func cutOffAtAnyStepNothingIsLost(_ step: RotationStep) async throws {
        let fixture = try await Fixture()
        for number in 1...5 { try await fixture.set("token\(number)", "value \(number)", .company) }
        let old = try #require(try await fixture.database.vault()?.keyID)
        await #expect(throws: CutOff.self) {
            try await fixture.vault.keyring.rotate { if $0 == step { throw CutOff() } }
        }
        let vault = try await fixture.reopened()
        #expect(vault.keyring.problem == nil)
        let new = try #require(try await fixture.database.vault()?.keyID)
        #expect((new == old) == (step == .prepared))
        for number in 1...5 {
            let value = try await fixture.read("token\(number)", for: fixture.anna, in: fixture.sales, from: vault)
            #expect(value == "value \(number)")
        }
        #expect(access(fixture.path + "/vault.key.next", F_OK) != 0)
        // And the next one goes through.
        #expect(try await vault.rotate(by: fixture.admin).count == 5)
        let again = try await fixture.reopened()
        #expect(try await fixture.read("token5", for: fixture.anna, in: fixture.sales, from: again) == "value 5")
    }

    @Test func afterARotationTheOldKeyOpensNothing() async throws {
        let fixture = try await Fixture()
        try await fixture.set("token", "kept", .company)
        let key = fixture.path + "/vault.key"
        try FileManager.default.copyItem(atPath: key, toPath: fixture.path + "/old.key")
        let before = try await fixture.database.secrets()
        #expect(try await fixture.vault.rotate(by: fixture.admin).count == 1)
        let after = try await fixture.database.secrets()
        #expect(before.map(\.sealed) == after.map(\.sealed) && before.map(\.wrappedKey) != after.map(\.wrappedKey))
        #expect(try await fixture.reopened(key: fixture.path + "/old.key").keyring.problem != nil)
        #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales) == "kept")
        #expect(try await fixture.events("vault.rotated").count == 1)
    }

    @Test func oneThatDoesNotOpenKeepsAllUnderTheOldKey() async throws {
        let fixture = try await Fixture()
        try await fixture.set("good", "kept", .company)
        try await fixture.set("bad", "kept", .company)
        try fixture.tamper("UPDATE secrets SET wrapped_key = x'0011' WHERE name = 'bad'")
        let before = try await fixture.database.secrets()
        await #expect(throws: StoreError.self) { try await fixture.vault.rotate(by: fixture.admin) }
        #expect(try await fixture.database.secrets() == before)
        let vault = try await fixture.reopened()
        #expect(try await fixture.read("good", for: fixture.anna, in: fixture.sales, from: vault) == "kept")
    }

    @Test func severalAtOnceLoseNothing() async throws {
        let fixture = try await Fixture()
        for number in 1...5 { try await fixture.set("token\(number)", "value \(number)", .company) }
        let keyring = fixture.vault.keyring
        let errors = await withTaskGroup(of: (any Error)?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        _ = try await keyring.rotate()
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var found: [any Error] = []
            for await error in group { if let error { found.append(error) } }
            return found
        }
        #expect(errors.count < 8 && errors.allSatisfy { ($0 as? VaultError)?.code == .conflict }, "\(errors)")
        #expect(access(fixture.path + "/vault.key.next", F_OK) != 0)
        // And the keyring is free again.
        #expect(try await fixture.vault.rotate(by: fixture.admin).count == 5)
        let vault = try await fixture.reopened()
        #expect(vault.keyring.problem == nil)
        #expect(try await fixture.read("token5", for: fixture.anna, in: fixture.sales, from: vault) == "value 5")
    }

    @Test func whereTheNextKeyIsGoneNothingIsRotated() async throws {
        let fixture = try await Fixture()
        try await fixture.set("token", "kept", .company)
        let before = try await fixture.database.vault()?.keyID
        let next = fixture.path + "/vault.key.next"
        let error = await #expect(throws: VaultError.self) {
            try await fixture.vault.keyring.rotate {
                guard $0 == .prepared else { return }
                #expect(unlink(next) == 0)
            }
        }
        #expect(error?.code == .key)
        #expect(try await fixture.database.vault()?.keyID == before)
        let vault = try await fixture.reopened()
        #expect(try await fixture.read("token", for: fixture.anna, in: fixture.sales, from: vault) == "kept")
    }

    @Test func whoIsNoAdminRotatesNothing() async throws {
        let fixture = try await Fixture()
        await #expect(throws: VaultError.self) {
            try await fixture.vault.rotate(by: SecretManager(person: fixture.anna.id, isAdmin: false))
        }
    }

    /// A process that is killed, not one that throws: the step it stopped at is where the files are.
    @Test(arguments: ["prepared", "rewrapped", "settled"])
    func killedAtAnyStepNothingIsLost(_ step: String) async throws {
        let fixture = try await Fixture()
        try await fixture.set("token", "kept", .company)
        // The very files as they are on the disk at that step, and nothing this process has in memory.
        let copy = fixture.path + "/copy"
        _ = try? await fixture.vault.keyring.rotate { passed in
            guard "\(passed)" == step else { return }
            #expect(mkdir(copy, 0o700) == 0)
            let files = try FileManager.default.contentsOfDirectory(atPath: fixture.path).filter {
                $0.hasPrefix("vault.key")
            }
            for name in files + ["data"] {
                try FileManager.default.copyItem(atPath: fixture.path + "/" + name, toPath: copy + "/" + name)
            }
        }
        let database = try Store.Database(directory: copy + "/data")
        defer { database.close() }
        let vault = Vault(
            database: database, audit: fixture.audit,
            keyring: Keyring(database: database, source: KeyFile(path: copy + "/vault.key")), leaks: LeakGuard())
        try await vault.open()
        #expect(vault.keyring.problem == nil)
        #expect(await vault.live.broken.isEmpty)
    }
}
