import DockerEngine
import Glibc
import MCP
import Testing

/// A Docker Engine of a test's own, to be killed: nothing of it is shared with the machine's.
final class PrivateEngine: Sendable {
    let directory: String
    let process: pid_t
    var socket: String { directory + "/docker.sock" }

    private init(directory: String, process: pid_t) {
        self.directory = directory
        self.process = process
    }

    /// Starts in `directory`, or again there after `kill`.
    static func start(in directory: String) async throws -> PrivateEngine {
        mkdir(directory, 0o700)
        let log = directory + "/log"
        // The shell is replaced by the engine: its process is the one to kill. In a network of its own, because an engine
        // without a bridge removes the one that is there: the other engine's.
        let script = """
            exec unshare --net dockerd --host unix://\(directory)/docker.sock --data-root \(directory)/data \
            --exec-root \(directory)/exec --pidfile \(directory)/pid --bridge none --iptables=false \
            --ip6tables=false >>\(log) 2>&1 </dev/null
            """
        var child: pid_t = 0
        let arguments = ["/usr/bin/setsid", "/bin/bash", "-c", script]
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        argv.append(nil)
        defer { for argument in argv { free(argument) } }
        try #require(posix_spawn(&child, "/usr/bin/setsid", nil, nil, argv, environ) == 0)
        let engine = PrivateEngine(directory: directory, process: child)
        let docker = DockerEngine(socketPath: engine.socket)
        let deadline = ContinuousClock.now + .seconds(60)
        while (try? await docker.version()) == nil {
            try #require(ContinuousClock.now < deadline, "the private engine does not answer: see \(log)")
            try await Task.sleep(for: .milliseconds(100))
        }
        return engine
    }

    /// Both images' names, made of the agent's program alone: enough to start, and small.
    func importImages(from agentImage: String) async throws -> (agent: String, workspace: String) {
        let archive = directory + "/program.tar"
        try #require(
            try run(
                "/bin/bash",
                [
                    "-c",
                    "id=$(docker create \(agentImage)) && docker export $id > \(archive); docker rm $id > /dev/null",
                ]) == 0)
        let about = try await DockerEngine().inspectContainerImage(agentImage)
        let docker = DockerEngine(socketPath: socket)
        for (part, command) in [("agent", "loop"), ("workspace", "tools")] {
            let file = open(archive, O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            try await docker.importImage(
                repository: "bulkhead-\(part)", tag: "private",
                changes: ["ENTRYPOINT \(about)", "CMD [\"\(command)\"]", "LABEL bulkhead.image=\(part)"]
            ) {
                var bytes = [UInt8](repeating: 0, count: 1 << 20)
                let count = read(file, &bytes, bytes.count)
                return count > 0 ? Array(bytes.prefix(count)) : nil
            }
        }
        return ("bulkhead-agent:private", "bulkhead-workspace:private")
    }

    /// SIGKILL, as a crash.
    func kill() {
        _ = Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        // Its containerd goes with it, a moment later; a new engine that still finds it would wait for it in vain.
        let file = directory + "/exec/containerd/containerd.pid"
        if let number = TestHost.lines(file).first.flatMap({ pid_t($0) }) {
            for _ in 0..<500 where Glibc.kill(number, 0) == 0 { usleep(20_000) }
        }
        unlink(file)
        unlink(directory + "/pid")
    }

    /// Ends what is left of an engine in `directory`, by the numbers it wrote down there, and removes the directory.
    static func removeAny(in directory: String) throws {
        for file in ["/pid", "/exec/containerd/containerd.pid"] {
            guard let number = TestHost.lines(directory + file).first.flatMap({ pid_t($0) }) else { continue }
            _ = Glibc.kill(number, SIGTERM)
            // Not always our child: gone is when it cannot be signalled.
            for _ in 0..<1000 where Glibc.kill(number, 0) == 0 {
                var status: Int32 = 0
                waitpid(number, &status, WNOHANG)
                usleep(20_000)
            }
        }
        for line in TestHost.lines("/proc/self/mountinfo").reversed() {
            let path = String(line.split(separator: " ")[4])
            if path.hasPrefix(directory + "/") { umount2(path, Int32(MNT_DETACH)) }
        }
        try run("/bin/rm", ["-rf", "--one-file-system", directory])
    }
}

extension DockerEngine {
    /// The entry point of an image as a Dockerfile writes it.
    func inspectContainerImage(_ name: String) async throws -> String {
        let id = try await createContainer(
            named: "bulkhead-look-\(UInt32.random(in: 0...UInt32.max))",
            [
                "Image": .string(name), "HostConfig": ["NetworkMode": "none"],
            ])
        let about = try await inspectContainer(id)
        try await removeContainer(id)
        return about["Config"]?["Entrypoint"]?.text ?? "[]"
    }
}
