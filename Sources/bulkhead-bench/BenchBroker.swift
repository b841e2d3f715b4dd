import BrokerClient
import BrokerProtocol
import Compartments
import DockerEngine
import Glibc
import Logging
import MCP
import Model

/// The built broker, as root, for the bench alone.
struct BenchBroker: Sendable {
    let name: String
    let socket: String
    private let program: Program
    private let run: String

    static let engineSocket = "/var/run/docker.sock"

    init(_ options: Options) async throws {
        name = "bench" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
        run = "/run/bulkhead-\(name)"
        socket = run + "/broker.sock"
        var configuration: JSONObject = [
            "installation": .string(name), "run": .string(run), "volumes": .string(options.work + "/volumes"),
            "engine": .string(Self.engineSocket), "service": ["uid": 0, "gid": 0],
            "owners": ["first": 1_900_000_000, "count": 500], "compartments": 100,
        ]
        for part in [CompartmentPart.agent, .workspace] {
            configuration[part.rawValue] = [
                "image": .string("bulkhead-\(part.rawValue):\(options.tag)"),
                "seccomp": .string("\(options.root)/image/seccomp/\(part.rawValue).json"),
            ]
        }
        let path = options.work + "/broker.json"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let bytes = configuration.serialized()
        guard file >= 0, write(file, bytes, bytes.count) == bytes.count else {
            throw BenchError("cannot write \(path)")
        }
        close(file)
        program = try Program(
            options.products + "/bulkhead-broker", ["--config", path], log: options.work + "/broker.log")
        let deadline = ContinuousClock.now + .seconds(30)
        while access(socket, F_OK) != 0 {
            guard ContinuousClock.now < deadline, kill(program.pid, 0) == 0 else {
                throw BenchError("the broker does not start; its log is \(options.work)/broker.log")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func end() async {
        await program.end()
        unlink(run + "/broker.lock")
        for part in ["slots", "doors", ""] { rmdir(run + "/" + part) }
    }

    /// A pool of agents over it, filled as `ready` says.
    func withPool<Result: Sendable>(
        ready: Int, _ body: @Sendable @escaping (CompartmentPool, BrokerEngine) async throws -> Result
    ) async throws -> Result {
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let engine = BrokerEngine(logger: logger) { [socket] in try BrokerClient(path: socket) }
        let pool = CompartmentPool(
            engine: engine, configuration: PoolConfiguration(ready: ready), logger: logger,
            // Nothing calls a model here.
            openDoor: { _, descriptor in close(descriptor) })
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                await pool.run()
                return nil
            }
            group.addTask { try await body(pool, engine) }
            defer { group.cancelAll() }
            while let result = try await group.next() { if let result { return result } }
            throw BenchError("the pool ended")
        }
    }
}
