import Broker
import BrokerClient
import BrokerProtocol
import Compartments
import DockerEngine
import Glibc
import Logging
import MCP
import Model
import Testing

/// A broker of the test's own in this process: its containers, mounts and directories are told apart from all others' by
/// a random installation name. Needs root and a Docker Engine, and fails without.
struct TestHost: Sendable {
    let configuration: BrokerConfiguration
    let server: BrokerServer
    let docker: DockerEngine
    static let defaultEngine =
        getenv("BULKHEAD_TEST_ENGINE").map { String(cString: $0) } ?? "/var/run/docker.sock"
    static let serviceUID: UInt32 = 64_000

    /// Runs `body` with a broker that serves, and afterwards finds nothing left of it.
    static func with(
        engine: String = defaultEngine, adjust: (inout BrokerConfiguration) -> Void = { _ in },
        leavesNothing: Bool = true, _ body: @Sendable @escaping (TestHost) async throws -> Void
    ) async throws {
        try #require(geteuid() == 0, "these tests start containers and mount: run them as root")
        signal(SIGPIPE, SIG_IGN)
        let name = "t" + String(UInt64.random(in: 0..<1 << 40), radix: 36)
        var configuration = try BrokerConfiguration(json(name: name, engine: engine))
        adjust(&configuration)
        let server = try BrokerServer(configuration: configuration, logger: logger)
        let host = TestHost(
            configuration: configuration, server: server, docker: DockerEngine(socketPath: engine))
        let running = Task { try await server.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(host))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        try await running.value
        if leavesNothing { try await host.expectNothingLeft() }
        host.removeDirectories()
        try result.get()
    }

    /// Silent, so that a test's output is its own.
    private static var quiet: any LogHandler { SwiftLogNoOpLogHandler() }
    static var logger: Logger { Logger(label: "test") { _ in quiet } }

    static func json(name: String, engine: String) throws -> JSONObject {
        // Images of these sources: see docs/testing.md.
        let tag = getenv("BULKHEAD_IMAGE_TAG").map { String(cString: $0) } ?? "test"
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        var object: JSONObject = [
            "installation": .string(name), "run": .string("/run/bulkhead-test/\(name)"),
            "volumes": .string("/var/lib/bulkhead-test/\(name)"), "engine": .string(engine),
            "service": ["uid": .int(Int64(serviceUID)), "gid": .int(Int64(serviceUID))],
            "owners": ["first": .int(Int64.random(in: 1000...20_000) * 100_000), "count": 100],
            "compartments": 20,
        ]
        for part in [CompartmentPart.agent, .workspace] {
            object[part.rawValue] = [
                "image": .string("bulkhead-\(part.rawValue):\(tag)"),
                "seccomp": .string("\(root)/image/seccomp/\(part.rawValue).json"),
            ]
        }
        return object
    }

    /// The same installation's next life, while the first one has nothing running.
    static func secondBroker(_ configuration: BrokerConfiguration) throws -> Task<Void, any Error> {
        let server = try BrokerServer(configuration: configuration, logger: logger)
        return Task { try await server.run(listening: false) }
    }

    func client() throws -> BrokerClient { BrokerClient(socket: try server.connectInProcess()) }

    /// A pool over this broker for as long as `body` runs; its doors are closed at once.
    func withPool(
        ready: Int = 0, _ body: @Sendable @escaping (CompartmentPool) async throws -> Void
    ) async throws {
        let engine = BrokerEngine(logger: Self.logger) { try self.client() }
        let pool = CompartmentPool(
            engine: engine, configuration: PoolConfiguration(ready: ready),
            logger: Self.logger
        ) { _, door in close(door) }
        let running = Task { await pool.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(pool))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        await running.value
        try result.get()
    }

    func containerName(_ id: CompartmentID, _ part: CompartmentPart) -> String {
        "bulkhead-\(configuration.installation)-\(id)-\(part.rawValue)"
    }

    var label: String { "bulkhead.installation=\(configuration.installation)" }

    private func expectNothingLeft() async throws {
        let containers = try await docker.listContainers(labels: [label])
        #expect(containers.isEmpty, "containers left: \(containers.map(\.name))")
        let mounts = Self.lines("/proc/self/mountinfo").filter { $0.contains(configuration.runDirectory) }
        #expect(mounts.isEmpty, "mounts left: \(mounts)")
        for kind in ["slots", "doors"] {
            let entries = Self.entries(configuration.runDirectory + "/" + kind)
            #expect(entries.isEmpty, "directories left in \(kind): \(entries)")
        }
    }

    /// Only after nothing is mounted there any more, and never across a mount.
    private func removeDirectories() {
        guard !Self.lines("/proc/self/mountinfo").contains(where: { $0.contains(configuration.installation) }) else {
            return
        }
        for path in [configuration.runDirectory, configuration.volumeRoot] {
            _ = try? run("/bin/rm", ["-rf", "--one-file-system", path])
        }
    }

    static func lines(_ path: String) -> [String] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    static func entries(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

/// Runs a program of the host, without a shell; returns its exit status.
@discardableResult
func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    var child: pid_t = 0
    var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    argv.append(nil)
    defer { for argument in argv { free(argument) } }
    try #require(posix_spawn(&child, program, nil, nil, argv, environ) == 0)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status >> 8 & 0xFF
}
