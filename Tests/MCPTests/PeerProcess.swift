import Glibc
import MCP
import Testing

/// A Python program of Tests/Peers on the other end of a transport: its stdin and stdout, stderr stays ours.
final class PeerProcess {
    let transport: DescriptorTransport
    private var pid: pid_t?

    init(_ script: String, _ arguments: String...) throws {
        let (near, far) = try DescriptorPair.socketPair()
        defer { close(far) }
        pid = try Self.spawn(script, arguments, stdin: far, stdout: far)
        transport = DescriptorTransport(reading: near, writing: near)
    }

    deinit {
        guard let pid else { return }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// The exit status. To be called when the peer is known to end: this waits for it.
    func wait() async -> CInt {
        guard let pid else { return -1 }
        self.pid = nil
        return await Self.wait(pid)
    }

    /// Runs a program to its end with `input` on its stdin.
    static func run(_ script: String, input: [UInt8]) async throws -> CInt {
        let (near, far) = try DescriptorPair.socketPair()
        defer { close(far) }
        let pid = try spawn(script, [], stdin: far, stdout: STDERR_FILENO)
        let transport = DescriptorTransport(reading: near, writing: near)
        try await transport.send(input)
        transport.close()
        return await wait(pid)
    }

    /// On a thread of its own: the few that run tasks have to go on with what the peer may wait for.
    private static func wait(_ pid: pid_t) async -> CInt {
        await withCheckedContinuation { continuation in
            let context = Unmanaged.passRetained(Waiter(pid: pid, continuation: continuation))
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { pointer in
                    guard let pointer else { return nil }
                    Unmanaged<Waiter>.fromOpaque(pointer).takeRetainedValue().run()
                    return nil
                }, context.toOpaque())
            pthread_detach(thread)
        }
    }

    private final class Waiter: Sendable {
        let pid: pid_t
        let continuation: CheckedContinuation<CInt, Never>

        init(pid: pid_t, continuation: CheckedContinuation<CInt, Never>) {
            self.pid = pid
            self.continuation = continuation
        }

        func run() {
            var status: CInt = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            continuation.resume(returning: status & 0x7F == 0 ? status >> 8 & 0xFF : -1)
        }
    }

    private static func spawn(_ script: String, _ arguments: [String], stdin: CInt, stdout: CInt) throws -> pid_t {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let python = getenv("BULKHEAD_PEERS_PYTHON").map { String(cString: $0) } ?? root + "/.build/peers/bin/python"
        guard access(python, X_OK) == 0 else {
            throw PeerError("\(python) is missing: run scripts/python-peers.sh, which installs the official SDKs there")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, stdin, 0)
        posix_spawn_file_actions_adddup2(&actions, stdout, 1)
        let texts = [python, "\(root)/Tests/Peers/\(script)"] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, python, &actions, nil, &argv, environ)
        guard status == 0 else { throw PeerError("\(python) does not start (error \(status))") }
        return pid
    }
}

struct PeerError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
