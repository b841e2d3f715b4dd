import Audit
import Foundation
import Glibc
import MCP
import Model
import Store
import Synchronization
import Testing
import Vault

/// The key/value engine, played by a simulator that the official Python client takes for one.
@Suite(.timeLimit(.minutes(5))) struct KVBackendTests {
    private let address = SecretAddress(
        id: SecretID(trusted: "01kv"), name: "deploy", scope: .company, version: 1, binding: "{}")

    @Test func theOfficialClientReadsWhatWeWriteAndWritesWhatWeRead() async throws {
        try await KVServer.run { server in
            let backend = try server.backend()
            _ = try await backend.put(SecretValue("first value ✓".utf8), at: address)
            let read = try await server.peer("read", "bulkhead/01kv")
            #expect(read.contains("first value") && read.contains("deploy"))
            #expect(try await server.peer("list", "bulkhead") == "[\"01kv\"]")
            #expect(try await server.peer("stale", "bulkhead/01kv").contains("check-and-set"))
            #expect(try await server.peer("write", "bulkhead/01kv", "second value") == "2")
            #expect(try await backend.value(at: address, stored: StoredValue()).text == "second value")
            // What is set again goes on from there.
            _ = try await backend.put(SecretValue("third".utf8), at: address)
            #expect(try await server.peer("versions", "bulkhead/01kv") == "3")
            try await backend.remove(address)
            #expect(try await server.peer("gone", "bulkhead/01kv") == "\"gone\"")
            try await backend.remove(address)
            await backend.shutdown()
        }
    }

    @Test(arguments: [
        ("sealed", "is sealed"), ("denied", "refuses the token"), ("standby", "standby"), ("broken", "status 500"),
        ("html", "did not answer with JSON"), ("huge", "no answer"), ("slow", "in time"), ("redirect", "status 307"),
        ("missing", "not in"),
    ])
    func aFailureIsASentenceWithoutTheValue(_ fault: String, _ words: String) async throws {
        try await KVServer.run { server in
            let backend = try server.backend(patience: fault == "slow" ? .milliseconds(300) : .seconds(10))
            let quick = try server.backend()
            _ = try? await quick.put(SecretValue("a-very-secret-value".utf8), at: address)
            await quick.shutdown()
            try server.set(fault: fault)
            let read = await #expect(throws: VaultError.self) {
                try await backend.value(at: address, stored: StoredValue())
            }
            #expect(read?.message.contains(words) == true, "\(read?.message ?? "")")
            if fault != "missing" {
                let written = await #expect(throws: VaultError.self) {
                    _ = try await backend.put(SecretValue("another-secret".utf8), at: address)
                }
                #expect(written?.message.contains("another-secret") == false)
            }
            for text in [read?.message ?? ""] {
                #expect(!text.contains("a-very-secret") && !text.contains(server.token))
            }
            await backend.shutdown()
        }
    }

    @Test func whoWroteInTheSameMomentIsNotOverwritten() async throws {
        try await KVServer.run { server in
            let backend = try server.backend()
            try server.set(fault: "late_cas")
            let error = await #expect(throws: VaultError.self) {
                _ = try await backend.put(SecretValue("mine".utf8), at: address)
            }
            #expect(error?.code == .conflict)
            try server.set(fault: "none")
            #expect(try await backend.value(at: address, stored: StoredValue()).text == "another hand")
            await backend.shutdown()
        }
    }

    @Test func aServerThatIsNotThereIsNamed() async throws {
        let backend = try KVBackend(
            KVBackend.Configuration(url: "http://127.0.0.1:9", mount: "secret", prefix: "p", token: { "t" }))
        let error = await #expect(throws: VaultError.self) {
            try await backend.value(at: address, stored: StoredValue())
        }
        #expect(error?.code == .unavailable && error?.message.contains("127.0.0.1:9") == true)
        await backend.shutdown()
    }

    @Test func aVaultOverItKeepsNoValueInTheDatabase() async throws {
        try await KVServer.run { server in
            let fixture = try await Fixture()
            let backend = try server.backend()
            let vault = Vault(
                database: fixture.database, audit: fixture.audit,
                keyring: fixture.vault.keyring, remote: backend, leaks: fixture.leaks)
            try await vault.open()
            let (secret, _) = try await vault.set(
                "token", scope: .person(fixture.anna.id), value: SecretValue("kept-elsewhere".utf8),
                binding: SecretBinding(), by: fixture.manager(of: .person(fixture.anna.id)))
            let record = try #require(try await fixture.database.secret(secret.id))
            #expect(record.backend == "kv" && record.sealed == nil && record.wrappedKey == nil)
            #expect(
                try await fixture.read("token", for: fixture.anna, in: fixture.sales, from: vault) == "kept-elsewhere")
            // On record before it is kept there: where it was not kept, it was tried.
            #expect(try await fixture.events("secret.set").count == 1)
            try server.set(fault: "denied")
            await #expect(throws: VaultError.self) {
                try await vault.set(
                    "refused", scope: .person(fixture.anna.id), value: SecretValue("not-kept".utf8),
                    binding: SecretBinding(), by: fixture.manager(of: .person(fixture.anna.id)))
            }
            try server.set(fault: "none")
            #expect(try await fixture.events("secret.set").count == 2)
            #expect(try await fixture.database.secrets().count == 1)
            // Who stops configuring it is told, not given something else.
            let without = try await fixture.reopened()
            await #expect(throws: VaultError.self) {
                try await fixture.read("token", for: fixture.anna, in: fixture.sales, from: without)
            }
            try await vault.remove(secret.id, by: fixture.manager(of: .person(fixture.anna.id)))
            #expect(try await server.peer("gone", "bulkhead/\(secret.id)") == "\"gone\"")
            await backend.shutdown()
        }
    }
}

extension KVBackendTests {
    /// After `vault.backend` was changed, say: what stays where it was is told, and on record.
    @Test func aValueThatStaysWhereItWasIsTold() async throws {
        try await KVServer.run { server in
            let fixture = try await Fixture()
            let backend = try server.backend()
            let manager = fixture.manager(of: .person(fixture.anna.id))
            func vault(remote: KVBackend?, writesRemote: Bool) async throws -> Vault {
                let vault = Vault(
                    database: fixture.database, audit: fixture.audit, keyring: fixture.vault.keyring, remote: remote,
                    writesRemote: writesRemote, leaks: fixture.leaks)
                try await vault.open()
                return vault
            }
            func set(_ name: String, _ vault: Vault) async throws -> (secret: Secret, left: String?) {
                try await vault.set(
                    name, scope: .person(fixture.anna.id), value: SecretValue("some-value-\(name)".utf8),
                    binding: SecretBinding(), by: manager)
            }
            let remote = try await vault(remote: backend, writesRemote: true)
            let local = try await vault(remote: backend, writesRemote: false)
            let alone = try await vault(remote: nil, writesRemote: false)
            for name in ["moved", "stuck", "forgotten", "removed"] {
                #expect(try await set(name, remote).left == nil)
            }
            let (moved, left) = try await set("moved", local)
            #expect(left == nil)
            #expect(try await server.peer("gone", "bulkhead/\(moved.id)") == "\"gone\"")
            #expect(try await fixture.events("secret.left").isEmpty)
            try server.set(fault: "denied")
            let (stuck, why) = try await set("stuck", local)
            #expect(why?.contains("still kept in kv, under \(stuck.id)") == true, "\(why ?? "")")
            #expect(stuck.version == 2)
            try server.set(fault: "none")
            // With nobody to ask there any more.
            #expect(try await set("forgotten", alone).left?.contains("not configured any more") == true)
            let removed = try #require(
                try await fixture.database.secret(named: "removed", person: fixture.anna.id, channel: nil))
            #expect(try await alone.remove(removed.id, by: manager)?.contains("under \(removed.id)") == true)
            #expect(try await fixture.database.secret(removed.id) == nil)
            let rows = try await fixture.events("secret.left")
            #expect(rows.compactMap { $0.details?["name"]?.stringValue } == ["stuck", "forgotten", "removed"])
            #expect(rows.allSatisfy { $0.details?["backend"] == "kv" })
            await backend.shutdown()
        }
    }
}

/// The simulator in a process of its own, and the official client beside it.
struct KVServer: Sendable {
    let port: Int
    let token = "hvs.simulator-token"
    private let settings: String

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func run(_ body: (KVServer) async throws -> Void) async throws {
        let settings = FileManager.default.temporaryDirectory.appending(path: "kv-\(UUID()).json").path
        defer { try? FileManager.default.removeItem(atPath: settings) }
        let simulator = try PythonRun(
            "/usr/bin/python3", [root.appending(path: "Tests/Simulators/kv_simulator.py").path, settings])
        defer { simulator.stop() }
        let line = try await simulator.firstLine()
        let port = try #require(Int(line), "the simulator did not start: \(line)")
        let server = KVServer(port: port, settings: settings)
        try server.set(fault: "none")
        try await body(server)
    }

    private init(port: Int, settings: String) {
        self.port = port
        self.settings = settings
    }

    func set(fault: String) throws {
        try Data("{\"token\": \"\(token)\", \"fault\": \"\(fault)\"}".utf8).write(
            to: URL(filePath: settings), options: .atomic)
    }

    func backend(patience: Duration = .seconds(10)) throws -> KVBackend {
        var configuration = KVBackend.Configuration(
            url: "http://127.0.0.1:\(port)", mount: "secret", prefix: "bulkhead", token: { [token] in token })
        configuration.patience = patience
        return try KVBackend(configuration)
    }

    /// What the official client printed.
    func peer(_ arguments: String...) async throws -> String {
        let python = Self.root.appending(path: ".build/peers/bin/python").path
        try #require(FileManager.default.isExecutableFile(atPath: python), "run scripts/python-peers.sh first")
        let script = Self.root.appending(path: "Tests/Simulators/kv_peer.py").path
        let all = [script, "http://127.0.0.1:\(port)", token] + arguments
        let run = try PythonRun(python, all)
        defer { run.stop() }
        return try await run.end()
    }
}

/// A program whose output goes into a file. Nobody waits in a read, which would take a thread from all other tests and
/// last as long as any process that inherited the other end; and each wait has an end.
final class PythonRun: @unchecked Sendable {
    struct Late: Error {
        let output: String
    }

    private let path: String
    private let process = Process()
    private let hasEnded = Ended()

    private final class Ended: Sendable {
        let value = Mutex(false)
    }

    init(_ program: String, _ arguments: [String]) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID()).txt").path
        try Data().write(to: URL(filePath: path))
        let output = try FileHandle(forWritingTo: URL(filePath: path))
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { [hasEnded] _ in hasEnded.value.withLock { $0 = true } }
        try process.run()
        try output.close()
    }

    var output: String { String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self) }

    private var isEnded: Bool { hasEnded.value.withLock { $0 } }

    func firstLine() async throws -> String {
        try await waitUntil { isEnded || output.contains("\n") }
        return output.prefix { $0 != "\n" }.trimmingCharacters(in: .whitespaces)
    }

    /// All it printed.
    func end() async throws -> String {
        try await waitUntil { isEnded }
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func stop() {
        if !isEnded { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: path)
    }

    private func waitUntil(_ isDone: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isDone() {
            guard ContinuousClock.now < deadline else { throw Late(output: output) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
