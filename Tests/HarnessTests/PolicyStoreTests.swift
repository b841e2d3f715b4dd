import Audit
import Foundation
import Harness
import MCP
import Model
import Policy
import Store
import Testing

@Suite struct PolicyStoreTests {
    @Test func aChangeIsRecordedBeforeItHolds() async throws {
        let fixture = try await GateFixture()
        let before = fixture.policy.current.digest
        func write(_ text: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: fixture.folder.path + "/policy.yaml"))
        }
        #expect(try await fixture.policy.reload(recording: fixture.audit) == false)
        try write("version: 1\nexpires: 1m")
        #expect(try await fixture.policy.reload(recording: fixture.audit))
        let after = fixture.policy.current.digest
        try write("version: 3")
        await #expect(throws: PolicyError.self) { try await fixture.policy.reload(recording: fixture.audit) }
        let rows = try await fixture.rows()
        #expect(rows.map(\.event) == ["policy.changed", "policy.refused"])
        #expect(rows[0].details?["from"]?.stringValue == before.hex && rows[0].details?["to"]?.stringValue == after.hex)
        fixture.database.close()
        try write("version: 1")
        await #expect(throws: StoreError.self) { try await fixture.policy.reload(recording: fixture.audit) }
        #expect(fixture.policy.current.digest == after)
    }

    /// Where there is none the standard policy holds; once there was one, its absence loosens nothing.
    @Test func theOperatorsFileCountsFromWhenItIsThere() throws {
        let folder = TemporaryFolder()
        let (path, standard) = (folder.path + "/policy.yaml", folder.path + "/standard.yaml")
        try Data("version: 1".utf8).write(to: URL(fileURLWithPath: standard))
        let store = try PolicyStore(path: path, standard: standard)
        #expect(try store.reload() == false)
        try Data("version: 1\nexpires: 1m".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try store.reload())
        let own = store.current.digest
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: PolicyError.self) { try store.reload() }
        #expect(store.current.digest == own)
    }

    @Test func aBadFileLeavesTheLastGoodOne() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/policy.yaml"
        func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
        #expect(throws: PolicyError.self) { try PolicyStore(path: path) }
        try write("version: 1")
        let store = try PolicyStore(path: path)
        let first = store.current.digest
        #expect(try store.reload() == false)
        try write("version: 1\nrules: [")
        #expect(throws: PolicyError.self) { try store.reload() }
        #expect(store.current.digest == first)
        try Data([0xFF, 0xFE]).write(to: URL(fileURLWithPath: path))
        #expect(throws: PolicyError.self) { try store.reload() }
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: PolicyError.self) { try store.reload() }
        #expect(store.current.digest == first)
        try write("version: 1\nexpires: 1m")
        #expect(try store.reload())
        #expect(store.current.digest != first)
    }
}
