import Model
import Store
import Synchronization
import Testing
import Vault

/// How many secrets there may be, and of how many bytes, also where several come at a time.
@Suite(.timeLimit(.minutes(5))) struct RoomTests {
    @Test func severalAtATimeDoNotPassTheLimitTogether() async throws {
        let fixture = try await Fixture()
        let scope = SecretScope.person(fixture.anna.id)
        for number in 0..<97 { try await fixture.set("s\(number)", "value", scope) }
        let stored = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<12 {
                group.addTask { (try? await fixture.set("late\(number)", "value", scope)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(stored == Vault.maximumSecrets - 97)
        #expect(try await fixture.database.secrets().count == Vault.maximumSecrets)
        // The next value of one that is there takes no more room; others' is their own.
        try await fixture.set("s1", "another", scope)
        try await fixture.set("mine", "value", .person(fixture.ben.id))
        try await fixture.set("ours", "value", .company)
        let error = await #expect(throws: VaultError.self) { try await fixture.set("more", "value", scope) }
        #expect(error?.code == .invalid && error?.message.contains("as many as there may be") == true)
    }

    @Test func theirBytesAreCountedTogetherWithWhatIsElsewhere() async throws {
        let fixture = try await Fixture()
        let scope = SecretScope.person(fixture.anna.id)
        // Each begins as no other does, or to look for all of them would take long to prepare.
        func large(_ number: Int) -> String {
            "\(number)" + String(repeating: "x", count: Vault.maximumBytes - "\(number)".utf8.count)
        }
        for number in 10..<25 { try await fixture.set("s\(number)", large(number), scope) }
        let stored = await withTaskGroup(of: Bool.self) { group in
            for number in 30..<34 {
                group.addTask { (try? await fixture.set("late\(number)", large(number), scope)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(stored == 1)
        let error = await #expect(throws: VaultError.self) { try await fixture.set("more", "x", scope) }
        #expect(error?.message.contains("bytes, more than") == true)
        let (room, record) = (
            SecretRoom(
                secrets: 100, bytes: 1 << 21, value: 1, sealing: 28, elsewhere: [SecretID(trusted: "x"): 1 << 22]),
            try #require(try await fixture.database.secrets().first)
        )
        // Of those elsewhere the ones that are somebody's here.
        try await fixture.database.requireRoom(room, for: record)
    }

    /// A backend in which a secret of the same name comes to be while it keeps a value.
    private final class Overtaken: SecretBackend {
        let name = "kv"
        let isLocal = false
        let overtake = Mutex<(@Sendable () async throws -> Void)?>(nil)
        let removed = Mutex<[SecretID]>([])

        func put(_ value: SecretValue, at address: SecretAddress) async throws -> StoredValue {
            try await overtake.withLock { $0 }?()
            return StoredValue()
        }

        func value(at address: SecretAddress, stored: StoredValue) async throws -> SecretValue { SecretValue([]) }
        func remove(_ address: SecretAddress) async throws { removed.withLock { $0.append(address.id) } }
    }

    @Test func aValueWhoseRowIsNotTakenDoesNotStayElsewhere() async throws {
        let fixture = try await Fixture()
        let backend = Overtaken()
        let vault = Vault(
            database: fixture.database, audit: fixture.audit, keyring: fixture.vault.keyring, remote: backend,
            leaks: fixture.leaks)
        backend.overtake.withLock {
            $0 = { [fixture] in try await fixture.set("deploy", "first", .person(fixture.anna.id)) }
        }
        await #expect(throws: (any Error).self) {
            try await vault.set(
                "deploy", scope: .person(fixture.anna.id), value: SecretValue("second".utf8), binding: SecretBinding(),
                by: fixture.manager(of: .person(fixture.anna.id)))
        }
        let rows = try await fixture.database.secrets()
        #expect(rows.map(\.backend) == ["local"])
        let removed = backend.removed.withLock { $0 }
        #expect(removed.count == 1 && removed.first != rows.first?.id, "the other's value is left alone")
    }
}
