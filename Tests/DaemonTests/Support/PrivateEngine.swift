import Foundation

/// A Docker Engine of a test's own, to be killed: nothing of it is shared with the machine's. Its two images hold the
/// agent's program alone: no shell, but files can be written and read.
final class PrivateEngine: @unchecked Sendable {
    let directory: String
    var socket: String { directory + "/docker.sock" }
    let images = (agent: "bulkhead-agent:private", workspace: "bulkhead-workspace:private")
    // Changed by the one test that uses it.
    private var process: Command?

    init() {
        directory = "/var/tmp/bulkhead-engine-\(String(UInt32.random(in: 0...UInt32.max), radix: 16))"
    }

    /// Also again, after `kill`.
    func start() async throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // In a network of its own: an engine without a bridge removes the one that is there, which is the other engine's.
        process = try Command(
            "/usr/bin/unshare",
            [
                "--net", "dockerd", "--host", "unix://" + socket, "--data-root", directory + "/data", "--exec-root",
                directory + "/exec", "--pidfile", directory + "/pid", "--bridge", "none", "--iptables=false",
                "--ip6tables=false",
            ])
        try await eventually("the private engine", within: .seconds(60)) {
            try await docker("version").status == 0
        }
    }

    func docker(_ arguments: String...) async throws -> Command.Result {
        try await Command.run("/usr/bin/docker", ["-H", "unix://" + socket] + arguments)
    }

    func importImages() async throws {
        try await Command.shell(
            """
            set -e
            entry=$(docker image inspect -f '{{json .Config.Entrypoint}}' bulkhead-agent:\(Installation.imageTag))
            id=$(docker create --network none bulkhead-agent:\(Installation.imageTag))
            docker export $id >\(directory)/program.tar
            docker rm $id >/dev/null
            for part in agent:loop workspace:tools; do
                docker -H unix://\(socket) import --change "ENTRYPOINT $entry" \
                    --change "CMD [\\"${part#*:}\\"]" --change "LABEL bulkhead.image=${part%:*}" \
                    \(directory)/program.tar bulkhead-${part%:*}:private >/dev/null
            done
            """)
    }

    /// SIGKILL, as a crash.
    func kill() async {
        process?.signal(SIGKILL)
        _ = await process?.finish()
        // Its containerd goes with it, a moment later; a new engine that still finds it would wait for it in vain.
        await waitForContainerd()
        unlink(directory + "/exec/containerd/containerd.pid")
        unlink(directory + "/pid")
    }

    private var containerd: pid_t? {
        (try? String(contentsOfFile: directory + "/exec/containerd/containerd.pid", encoding: .utf8))
            .flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    private func waitForContainerd() async {
        guard let containerd else { return }
        try? await eventually("the end of containerd") { Glibc.kill(containerd, 0) != 0 }
    }

    func remove() async throws {
        process?.signal(SIGTERM)
        _ = await process?.finish(within: .seconds(20))
        if let containerd { Glibc.kill(containerd, SIGTERM) }
        await waitForContainerd()
        try await Command.shell(
            """
            awk '$5 ~ "^\(directory)/" {print $5}' /proc/self/mountinfo | tac | while read -r m; do umount -l "$m"; done
            rm -rf --one-file-system \(directory)
            """)
    }
}
