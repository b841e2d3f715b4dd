import Foundation
import Testing

/// A whole installation in a directory of its own: the broker as root, the daemon as another user, real containers.
final class Installation: @unchecked Sendable {
    struct Answer: Decodable {
        struct Tool: Decodable {
            var tool: String
            var state: String
            var result: String?
            var milliseconds: Int?
        }

        var conversation: String
        var reply: String?
        var kind: String?
        var tools: [Tool]?
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Where this package's products are.
    static let products = packageRoot + "/.build/debug"
    static let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    let home: String
    let runtime: String
    let port: Int
    // Changed by the one test that uses the installation, in order.
    private(set) var broker: Command?
    private(set) var daemon: Command?

    static let serviceUser = "bulkhead"
    /// Of the images built from this checkout, so that two can be tested on one machine at a time.
    static let imageTag = ProcessInfo.processInfo.environment["BULKHEAD_IMAGE_TAG"] ?? "test"

    var configuration: String { home + "/bulkhead.yaml" }
    var data: String { home + "/data" }
    /// Part of every container's name.
    var token: String { String(runtime.split(separator: "-").last ?? "") }

    /// `volumesMegabytes`: the volumes have a filesystem of their own of that size, as `make run` gives them one.
    /// `settings`: more lines of the configuration. `dataMegabytes`: the data directory is a file system of that size.
    /// `engine`: another Docker Engine's socket, and its images.
    init(
        settings: String = "", key: String? = nil, policy: String? = nil, dataMegabytes: Int? = nil,
        volumesMegabytes: Int? = nil,
        engine: (socket: String, images: (agent: String, workspace: String))? = nil
    ) async throws {
        let token = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        home = "/var/tmp/bulkhead-test-\(token)"
        runtime = "/run/bulkhead-test-\(token)"
        port = 20000 + Int.random(in: 0..<20000)
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try """
        data:
          directory: data
        runtime:
          directory: \(runtime)/daemon
        broker:
          socket: \(runtime)/broker/broker.sock
        console:
          port: \(port)
        people:
          owner: root
          members: [nobody]
        \(settings)
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        let script = """
            set -e
            getent group \(Self.serviceUser) >/dev/null || groupadd --system \(Self.serviceUser)
            id \(Self.serviceUser) >/dev/null 2>&1 || useradd --system --gid \(Self.serviceUser) --no-create-home \
                --home-dir /nonexistent --shell /usr/sbin/nologin \(Self.serviceUser)
            install -d -m 755 \(home) \(home)/volumes \(home)/bin \(runtime)
            \(volumesMegabytes.map { "\(Self.packageRoot)/scripts/volumes.sh mount \(home) \($0 << 20)" } ?? "")
            install -d -m 755 \(home)/volumes/global
            mkdir \(home)/data
            \(dataMegabytes.map { "mount -t tmpfs -o size=\($0)M tmpfs \(home)/data" } ?? "")
            install -d -m 700 -o \(Self.serviceUser) -g \(Self.serviceUser) \(home)/data
            install -d -m 755 -o \(Self.serviceUser) -g \(Self.serviceUser) \(runtime)/daemon
            cp -R \(Self.packageRoot)/samples \(home)/volumes/global/samples
            chmod -R a+rX \(home)/volumes/global
            for name in bulkhead bulkhead-broker; do cp \(Self.products)/$name \(home)/bin/$name; done
            for name in agent workspace; do
                cp \(Self.packageRoot)/image/seccomp/$name.json \(home)/bin/seccomp-$name.json
            done
            echo \(engine?.images.agent ?? "bulkhead-agent:\(Self.imageTag)") > \(home)/.image-agent
            echo \(engine?.images.workspace ?? "bulkhead-workspace:\(Self.imageTag)") > \(home)/.image-workspace
            \(Self.packageRoot)/scripts/broker-config.sh \(home) \(home) \(runtime) \(Self.serviceUser) \
                | sed 's|/var/run/docker.sock|\(engine?.socket ?? "/var/run/docker.sock")|' > \(home)/broker.json
            chmod 600 \(home)/broker.json
            """
        try await Command.shell(script)
        if let policy { try write(policy: policy) }
        if let key {
            try (key + "\n").write(toFile: home + "/data/anthropic.key", atomically: true, encoding: .utf8)
            try await Command.shell(
                "chown \(Self.serviceUser): \(home)/data/anthropic.key; chmod 600 \(home)/data/anthropic.key")
        }
    }

    func write(policy: String) throws {
        try policy.write(toFile: home + "/policy.yaml", atomically: true, encoding: .utf8)
    }

    func start() async throws {
        if broker?.isRunning != true { try await startBroker() }
        try await startDaemon()
    }

    /// `without`: a capability root is to lack. `keeping`: those it has, and no way to more.
    func startBroker(without capability: String? = nil, keeping: [String]? = nil) async throws {
        var words = capability.map { ["/usr/bin/setpriv", "--inh-caps", "-\($0)", "--bounding-set", "-\($0)"] } ?? []
        if let keeping {
            let set = "-all," + keeping.map { "+\($0)" }.joined(separator: ",")
            // And with the umask of its unit.
            words = [
                "/bin/sh", "-c", #"umask 077; exec "$@""#, "sh", "/usr/bin/setpriv", "--no-new-privs", "--inh-caps",
                "-all",
                "--bounding-set", set,
            ]
        }
        let line = words + [home + "/bin/bulkhead-broker", "--config", home + "/broker.json"]
        let broker = try Command(line[0], Array(line.dropFirst()))
        self.broker = broker
        try await wait(for: runtime + "/broker/broker.sock", of: broker, named: "broker")
    }

    /// `bulkhead ARGUMENTS` as the service user, as words of a command line.
    func asService(_ arguments: [String]) -> [String] {
        [
            "/usr/bin/setpriv", "--reuid", Self.serviceUser, "--regid", Self.serviceUser, "--init-groups",
            home + "/bin/bulkhead",
        ] + arguments + ["--config", configuration]
    }

    /// `bulkhead serve` where it is expected to end by itself.
    func serve() async throws -> Command.Result {
        let words = asService(["serve"])
        return try await Command(words[0], Array(words.dropFirst())).finish(within: .seconds(20))
    }

    func startDaemon() async throws {
        unlink(runtime + "/daemon/console.sock")
        let words = asService(["serve"])
        let daemon = try Command(words[0], Array(words.dropFirst()))
        self.daemon = daemon
        try await wait(for: runtime + "/daemon/console.sock", of: daemon, named: "daemon")
    }

    func killDaemon() async {
        daemon?.signal(SIGKILL)
        _ = await daemon?.finish()
    }

    func stopDaemon() async {
        daemon?.signal(SIGTERM)
        _ = await daemon?.finish(within: .seconds(30))
    }

    func stopBroker() async {
        broker?.signal(SIGTERM)
        _ = await broker?.finish(within: .seconds(30))
        unlink(runtime + "/broker/broker.sock")
    }

    /// SIGHUP; returns what the daemon then says of it.
    func reload() async throws -> String {
        let before = daemon?.errors.count ?? 0
        daemon?.signal(SIGHUP)
        var said: String { String((daemon?.errors ?? "").dropFirst(before)) }
        try await eventually("an answer to SIGHUP") {
            said.contains("policy reloaded") || said.contains("policy not reloaded")
        }
        return said
    }

    /// The running containers of one kind, by name.
    func containers(_ part: String) async throws -> Set<String> {
        let names = try await Command.shell(
            "docker ps --format '{{.Names}}' --filter 'name=^/?bulkhead-\(token)-.*-\(part)$'")
        return Set(names.split(separator: "\n").map(String.init))
    }

    /// `docker kill` of every container of one kind; returns their names.
    func kill(_ part: String) async throws -> Set<String> {
        let names = try await containers(part)
        try await Command.shell("docker kill \(names.joined(separator: " ")) >/dev/null")
        return names
    }

    /// Ends everything; returns the containers and mounts that were left all the same.
    func remove() async throws -> String {
        for process in [daemon, broker] {
            process?.signal(SIGTERM)
            _ = await process?.finish(within: .seconds(30))
        }
        let left = try await Command.run(
            "/bin/bash",
            [
                "-c",
                "docker ps -aq --filter name=bulkhead-\(token)-; grep -F \(runtime)/broker/slots/ /proc/self/mountinfo",
            ])
        _ = try await Command.run(
            "/bin/bash",
            [
                "-c",
                """
                awk '$5 ~ "^\(runtime)|^\(home)" {print $5}' /proc/self/mountinfo | tac | while read -r m; do umount "$m"; done
                rm -rf --one-file-system \(runtime) \(home)
                """,
            ])
        return left.output
    }

    /// `bulkhead ARGUMENTS`, as root.
    func bulkhead(_ arguments: [String], input: String? = nil) async throws -> Command.Result {
        try await Command.run(
            home + "/bin/bulkhead", arguments + ["--config", configuration], input: input)
    }

    struct ChatResult {
        var answer: Answer?
        var result: Command.Result

        /// Of a `startChat` that ends by itself.
        init(_ chat: Command) async {
            result = await chat.finish(within: .seconds(60))
            answer = try? JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
        }
    }

    /// One message, its answer, and the exit status.
    func chat(_ text: String, _ options: [String] = []) async throws -> ChatResult {
        await ChatResult(try startChat(text, options))
    }

    /// The same, under way.
    func startChat(_ text: String, _ options: [String] = []) throws -> Command {
        try Command(
            home + "/bin/bulkhead", ["chat", "--once", text, "--json", "--config", configuration] + options)
    }

    /// Until a tool's call in a conversation has begun, which its intent in the audit says.
    func wait(forTool tool: String, times: Int = 1, in conversation: String? = nil) async throws {
        try await eventually("a call of \(tool)") {
            let answer = try await api("GET", "audit?limit=200&tool=\(tool)")
            let rows = answer["rows"] as? [[String: Any]] ?? []
            let intents = rows.filter {
                $0["kind"] as? String == "intent"
                    && (conversation == nil || $0["conversation"] as? String == conversation)
            }
            return intents.count >= times
        }
    }

    private func wait(for socket: String, of process: Command, named name: String) async throws {
        for _ in 0..<600 {
            if FileManager.default.fileExists(atPath: socket) { return }
            guard process.isRunning else {
                throw Failure(description: "the \(name) did not start: \(process.errors)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failure(description: "the \(name) did not answer within 30 s: \(process.errors)")
    }
}
