import Foundation
import Harness
import MCP
import Model
import Store
import Testing

@Suite struct PolicyParsingTests {
    @Test func theStandardPolicyIsGood() throws {
        let policy = try Policy(yaml: Policy.standardText, file: "policy.yaml")
        #expect(policy.digest.count == 32)
        for line in Policy.standardText.split(separator: "\n") { #expect(line.utf8.count <= 120) }
    }

    @Test(arguments: [
        ("", 1, "empty"),
        ("- a", 1, "mapping"),
        ("version: 2", 1, "version has to be 1"),
        ("rules: []", 1, "version"),
        ("version: 1\nrulez: []", 2, "unknown key \"rulez\""),
        ("version: 1\nrulez: []", 2, "allowed are version, expires, tools, deny, rules"),
        ("version: 1\nexpires: soon", 2, "30s, 10m"),
        ("version: 1\nexpires: 99999999999999999999d", 2, "30s, 10m"),
        ("version: 1\nexpires: 0m", 2, "30s, 10m"),
        ("version: 1\nrules: x", 2, "list"),
        ("version: 1\nrules:\n  - tool: x\n    decision: allow", 3, "name is missing"),
        ("version: 1\nrules:\n  - name: a\n    tool: x", 3, "decision is missing"),
        ("version: 1\nrules:\n  - name: a\n    decision: maybe", 4, "allow, ask, deny"),
        ("version: 1\nrules:\n  - name: a\n    decision: allow", 4, "a grant says what it grants"),
        ("version: 1\nrules:\n  - name: a\n    decision: allow\n    tool: []", 5, "empty list"),
        ("version: 1\nrules:\n  - name: a\n    decision: allow\n    tool: [[x]]", 5, "list of texts"),
        (
            "version: 1\nrules:\n  - name: a\n    decision: deny\n    effect: harmful", 5,
            "read, write, destructive, external"
        ),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    mode: [auto, yolo]", 5, "bypassPermissions"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    role: root", 5, "owner, admin, member, guest"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    args: x", 5, "unknown key \"args\""),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    expires: 1m", 5, "belongs to a rule that asks"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n  - name: a\n    decision: deny", 5, "taken"),
        ("version: 1\ndeny:\n  - name: a\n    decision: allow", 4, "unknown key \"decision\""),
        ("version: 1\ntools:\n  - effect: read", 3, "tool is missing"),
        ("version: 1\ntools:\n  - tool: x\n    labels: secret", 4, "untrusted, private"),
        ("version: 1\ntools:\n  - tool: x\n    runsCommands: perhaps", 4, "true or false"),
        ("version: 1\nversion: 1", nil, ""),
        ("version: 1\nrules:\n  - name: \"a\n", nil, ""),
        ("version: 1\n\t- x", nil, ""),
        ("*unknown", nil, ""),
    ])
    func saysWhereAndWhatIsAllowed(yaml: String, line: Int?, message: String) {
        let error = #expect(throws: PolicyError.self) { try Policy(yaml: yaml, file: "p.yaml") }
        if let line { #expect(error?.line == line) }
        #expect(message.isEmpty || error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("p.yaml") == true)
    }

    @Test func hostileFilesAreErrors() {
        #expect(throws: PolicyError.self) { try Policy(yaml: String(repeating: "#", count: 1 << 21), file: "p") }
        #expect(throws: PolicyError.self) { try Policy(yaml: String(repeating: "[", count: 5000), file: "p") }
        #expect(throws: PolicyError.self) { try Policy(yaml: "version: 1\n\u{0}", file: "p") }
    }

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
