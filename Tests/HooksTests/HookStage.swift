import Audit
import Broker
import BrokerClient
import BrokerProtocol
import Foundation
import Glibc
import Hooks
import Logging
import MCP
import Model
import Store
import Testing

/// A real broker in this process (no engine, no container) that runs hooks of a folder of its own. Needs root.
struct HookStage: Sendable {
    let folder: String
    let server: BrokerServer
    let audit: AuditLog
    let desk: HookDesk

    static let user: UInt32 = 64_777

    /// As the daemon has it.
    struct Starter: HookStarter {
        let server: BrokerServer

        func check(_ name: String) async throws {
            let broker = BrokerClient(socket: try server.connectInProcess())
            defer { broker.close() }
            try await broker.checkHook(name)
        }

        func start(_ name: String) async throws -> HookStreams {
            let broker = BrokerClient(socket: try server.connectInProcess())
            defer { broker.close() }
            let files = try await broker.runHook(name)
            return HookStreams(input: files.input, output: files.output, error: files.error, control: files.control)
        }
    }

    /// `hooks`: programs by name. All of them are asked at `event`, in the order of their names.
    static func with(
        _ hooks: [String: String], at event: HookEvent = .toolBefore, deadline: Duration = .seconds(5),
        _ body: @Sendable @escaping (HookStage) async throws -> Void
    ) async throws {
        try #require(geteuid() == 0, "hooks run as another user: run these tests as root")
        signal(SIGPIPE, SIG_IGN)
        let name = "h" + String(UInt64.random(in: 0..<1 << 40), radix: 36)
        let folder = "/run/bulkhead-hooks-test/\(name)"
        try FileManager.default.createDirectory(atPath: folder + "/hooks", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in hooks {
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/hooks/\(name)"))
            chmod("\(folder)/hooks/\(name)", 0o755)
        }
        var object = try #require(
            try JSONValue(
                parsing: """
                    {"installation": "\(name)", "run": "\(folder)/run", "volumes": "\(folder)/volumes",
                     "engine": "/run/no-such-engine.sock", "service": {"uid": 64001, "gid": 64001},
                     "owners": {"first": 900000000, "count": 100}, "compartments": 20}
                    """
            ).objectValue)
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        for part in ["agent", "workspace"] {
            object[part] = ["image": "none", "seccomp": .string("\(root)/image/seccomp/\(part).json")]
        }
        object["hooks"] = .array(
            hooks.keys.sorted().map {
                [
                    "name": .string($0), "path": .string("\(folder)/hooks/\($0)"), "uid": .int(Int64(user)),
                    "gid": .int(Int64(user)),
                ]
            })
        let server = try BrokerServer(
            configuration: try BrokerConfiguration(object),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await server.run(listening: false) }
        let database = try Database(directory: folder + "/data")
        let audit = try await AuditLog.open(database)
        let stage = HookStage(
            folder: folder, server: server, audit: audit,
            desk: HookDesk(
                plan: HookPlan(hooks: [event: hooks.keys.sorted()], deadline: deadline),
                starter: Starter(server: server), audit: audit, key: .ephemeral))
        let result: Result<Void, any Error>
        do { result = .success(try await body(stage)) } catch { result = .failure(error) }
        running.cancel()
        try await running.value
        database.close()
        try result.get()
    }

    func ask(_ name: String, _ event: HookEvent = .toolBefore, _ facts: JSONObject = [:]) async throws -> HookDesk.Run {
        try await desk.ask(name, event, about: facts, subject: AuditSubject())
    }

    /// What the hook said where it failed, else the empty text.
    func failure(of name: String) async throws -> String {
        switch try await ask(name).answer {
        case .success: ""
        case .failure(let failure): failure.description
        }
    }

    func rows() async throws -> [JSONValue] {
        try await audit.rows(matching: AuditFilter()).filter { $0.event == "hook.ran" }.compactMap(\.details)
    }
}
