import Crypto
import Foundation
import Model
import Store
import Testing

@testable import Vault

/// What is sealed opens as what it was sealed as, and as nothing else.
@Suite struct SealingTests {
    private let id = SecretID(trusted: "01secret")

    @Test func aDataKeyWrappedElsewhereOpens() throws {
        // AES-256-GCM by another implementation (OpenSSL through Python's cryptography): key 00…1f, nonce 12 × 07, data
        // key 20…3f, authenticated with the text below.
        let master = try #require(MasterKey(bytes: Array(0..<32)))
        let wrapped = try #require([UInt8](hex: Vector.wrapped))
        let key = try master.unwrap(wrapped, of: id)
        #expect(key.withUnsafeBytes { Array($0) } == Array(32..<64))
        #expect(master.id == Vector.keyID)
    }

    @Test func aDataKeyOpensForItsSecretAlone() throws {
        let master = MasterKey.random()
        let wrapped = try master.wrap(.init(size: .bits256), of: id)
        #expect(throws: (any Error).self) { try master.unwrap(wrapped, of: SecretID(trusted: "02secret")) }
        #expect(throws: (any Error).self) { try MasterKey.random().unwrap(wrapped, of: self.id) }
        for index in wrapped.indices {
            var other = wrapped
            other[index] ^= 1
            #expect(throws: (any Error).self) { try master.unwrap(other, of: self.id) }
        }
        #expect(try master.wrap(.init(size: .bits256), of: id) != wrapped)
    }

    @Test(arguments: [
        "UPDATE secrets SET name = 'other' WHERE name = 'token'",
        "UPDATE secrets SET version = 2 WHERE name = 'token'",
        "UPDATE secrets SET scope = 'company', person = NULL WHERE name = 'token'",
        "UPDATE secrets SET person = (SELECT id FROM people WHERE name = 'ben') WHERE name = 'token'",
        "UPDATE secrets SET binding = replace(binding, 'example.com', 'evil.example') WHERE name = 'token'",
        "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'twin') WHERE name = 'token'",
        "UPDATE secrets SET wrapped_key = (SELECT wrapped_key FROM secrets WHERE name = 'twin') WHERE name = 'token'",
        """
        UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE name = 'twin'),
        wrapped_key = (SELECT wrapped_key FROM secrets WHERE name = 'twin') WHERE name = 'token'
        """,
        "UPDATE secrets SET sealed = CAST(substr(sealed, 1, 20) || x'00' || substr(sealed, 22) AS BLOB) WHERE name = 'token'",
        "UPDATE secrets SET sealed = x'' WHERE name = 'token'",
    ])
    func aChangedRowOpensNothing(_ change: String) async throws {
        let fixture = try await Fixture()
        let scope = SecretScope.person(fixture.anna.id)
        let secret = try await fixture.set("token", "value of the one", scope, hosts: ["example.com"])
        try await fixture.set("twin", "value of the other", scope, hosts: ["example.com"])
        let stored = try #require(try await fixture.database.secret(secret.id))
        #expect(try await fixture.vault.value(of: stored).text == "value of the one")
        try fixture.tamper(change)
        let changed = try #require(try await fixture.database.secret(secret.id))
        #expect(changed != stored)
        await #expect(throws: VaultError.self) { try await fixture.vault.value(of: changed) }
        // The other is what it was, and who looks at the vault is told which is not.
        #expect(try await fixture.read("twin", for: fixture.anna, in: fixture.sales) == "value of the other")
        let vault = try await fixture.reopened()
        #expect(await vault.live.broken.count == 1)
    }

    @Test func aValuePrintsAsNoValue() {
        let value = SecretValue("hunter2-hunter2".utf8)
        var dumped = ""
        dump(value, to: &dumped)
        for text in ["\(value)", String(reflecting: value), dumped, "\([value])", "\(Optional(value) as Any)"] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
        #expect(!(value as Any is any Encodable))
        #expect(value.text == "hunter2-hunter2")
    }

    @Test func aValueIsWipedWhenItIsLetGo() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: Array(repeating: 0x41, count: 32))
        SecretValue.wipe(buffer)
        #expect(buffer.allSatisfy { $0 == 0 })
    }
}
