import Foundation
import Testing

/// A whole installation in a directory of its own: the broker as root, the daemon as another user, real containers.
final class Installation: @unchecked Sendable {
    struct Answer: Decodable {
        struct Tool: Decodable {
            var tool: String
            var state: String
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
        .deletingLastPathComponent().path

    let home: String
    let runtime: String
    private let extra: String
    // Changed by the one test that uses the installation, in order.
    private(set) var broker: Command?
    private(set) var daemon: Command?

    private static let serviceUser = "bulkhead"

    var configuration: String { home + "/bulkhead.yaml" }

    /// `settings`: more lines of the configuration.
    init(settings: String = "", key: String? = nil) async throws {
        let token = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        home = "/var/tmp/bulkhead-test-\(token)"
        runtime = "/run/bulkhead-test-\(token)"
        extra = settings
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let port = 20000 + Int.random(in: 0..<20000)
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
            install -d -m 755 \(home) \(home)/volumes \(home)/volumes/global \(home)/bin \(runtime)
            install -d -m 700 -o \(Self.serviceUser) -g \(Self.serviceUser) \(home)/data
            install -d -m 755 -o \(Self.serviceUser) -g \(Self.serviceUser) \(runtime)/daemon
            cp -R \(Self.packageRoot)/samples \(home)/volumes/global/samples
            chmod -R a+rX \(home)/volumes/global
            for name in bulkhead bulkhead-broker; do cp \(Self.products)/$name \(home)/bin/$name; done
            for name in agent workspace; do
                cp \(Self.packageRoot)/image/seccomp/$name.json \(home)/bin/seccomp-$name.json
                echo bulkhead-$name:test > \(home)/.image-$name
            done
            \(Self.packageRoot)/scripts/broker-config.sh \(home) \(home) \(runtime) \(Self.serviceUser) \
                > \(home)/broker.json
            chmod 600 \(home)/broker.json
            """
        let result = try await Command.run("/bin/bash", ["-c", script])
        guard result.status == 0 else { throw Failure(description: "set-up failed: \(result.errors)") }
        if let key {
            try (key + "\n").write(toFile: home + "/data/anthropic.key", atomically: true, encoding: .utf8)
            _ = try await Command.run(
                "/bin/bash",
                ["-c", "chown \(Self.serviceUser): \(home)/data/anthropic.key; chmod 600 \(home)/data/anthropic.key"])
        }
    }

    func start() async throws {
        if broker?.isRunning != true { try await startBroker() }
        try await startDaemon()
    }

    func startBroker() async throws {
        let broker = try Command(home + "/bin/bulkhead-broker", ["--config", home + "/broker.json"])
        self.broker = broker
        try await wait(for: runtime + "/broker/broker.sock", of: broker, named: "broker")
    }

    func startDaemon() async throws {
        unlink(runtime + "/daemon/console.sock")
        let daemon = try Command(
            "/usr/bin/setpriv",
            [
                "--reuid", Self.serviceUser, "--regid", Self.serviceUser, "--init-groups", home + "/bin/bulkhead",
                "serve", "--config", configuration,
            ])
        self.daemon = daemon
        try await wait(for: runtime + "/daemon/console.sock", of: daemon, named: "daemon")
    }

    func killDaemon() async {
        daemon?.signal(SIGKILL)
        _ = await daemon?.finish()
    }

    /// `docker kill` of every container of one kind.
    func kill(_ part: String) async throws {
        let token = runtime.split(separator: "-").last ?? ""
        _ = try await Command.run(
            "/bin/bash",
            ["-c", "docker ps -q --filter name=bulkhead-\(token)- --filter name=-\(part) | xargs -r docker kill"])
    }

    /// The identifier of root's direct channel.
    func directChannel() async throws -> String {
        let channels = try await Command.run(
            "/usr/bin/curl", ["-s", "--unix-socket", runtime + "/daemon/console.sock", "http://localhost/api/channels"])
        guard let json = try JSONSerialization.jsonObject(with: Data(channels.output.utf8)) as? [String: Any],
            let list = json["channels"] as? [[String: Any]],
            let id = list.first(where: { $0["kind"] as? String == "dm" })?["id"] as? String
        else { throw Failure(description: "no direct channel: \(channels.output)") }
        return id
    }

    /// Ends everything; returns the containers and mounts that were left all the same.
    func remove() async throws -> String {
        for process in [daemon, broker] {
            process?.signal(SIGTERM)
            _ = await process?.finish(within: .seconds(30))
        }
        let token = runtime.split(separator: "-").last ?? ""
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

    /// One message, its answer, and the exit status.
    func chat(_ text: String, _ options: [String] = []) async throws -> (answer: Answer?, result: Command.Result) {
        let result = try await bulkhead(["chat", "--once", text, "--json"] + options)
        return (try? JSONDecoder().decode(Answer.self, from: Data(result.output.utf8)), result)
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
