internal import BrokerProtocol
internal import CLinux
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Runs the operator's hooks for the harness, which is not root and could not become their user. A request names a hook of
/// the configuration and nothing else; what it is told and what it answers goes past us.
final class HookRunner: Sendable {
    private let hooks: [String: BrokerConfiguration.Hook]
    private let running = Mutex<Set<pid_t>>([])

    private static let maximumRunning = 32
    /// The harness's deadline is shorter; this one holds where the harness forgets.
    private static let longest: CInt = 70_000

    init(_ hooks: [BrokerConfiguration.Hook]) {
        self.hooks = Dictionary(uniqueKeysWithValues: hooks.map { ($0.name, $0) })
    }

    /// The hook, whose program nobody but root can have written or can exchange: its file and every folder above it.
    func verified(_ name: String) throws(BrokerError) -> BrokerConfiguration.Hook {
        guard let hook = hooks[name] else { throw BrokerError(.unknown, "no hook \(name) is configured") }
        var path = ""
        let parts = hook.path.split(separator: "/")
        for (index, part) in parts.enumerated() {
            path += "/" + part
            var about = stat()
            guard lstat(path, &about) == 0 else {
                throw BrokerError(.configuration, "hook \(name): cannot examine \(path): \(message(errno))")
            }
            let isLast = index == parts.count - 1
            guard about.st_mode & S_IFMT == (isLast ? S_IFREG : S_IFDIR), about.st_uid == 0, about.st_mode & 0o022 == 0
            else {
                throw BrokerError(
                    .configuration,
                    "hook \(name): \(path) must be a \(isLast ? "file" : "folder") of root's that nobody else can write"
                )
            }
            guard !isLast || about.st_mode & 0o111 != 0 else {
                throw BrokerError(.configuration, "hook \(name): \(path) is not executable (chmod 755)")
            }
        }
        return hook
    }

    /// Its standard input, output and error, and a socket: closing our caller's end of it ends the hook, and what ended
    /// it is written there: `exit 0`, `signal 9`.
    func start(_ name: String) throws(BrokerError) -> [CInt] {
        let hook = try verified(name)
        guard running.withLock({ $0.count }) < Self.maximumRunning else {
            throw BrokerError(.limit, "\(Self.maximumRunning) hooks run already")
        }
        var (stdin, feed, output, stdout, errors, stderr): (CInt, CInt, CInt, CInt, CInt, CInt) = (
            -1, -1, -1, -1, -1, -1
        )
        var control: [CInt] = [-1, -1]
        let isMade =
            clinux_pipe(&stdin, &feed) == 0 && clinux_pipe(&output, &stdout) == 0 && clinux_pipe(&errors, &stderr) == 0
            // The program waits for its input as any other does.
            && fcntl(stdin, F_SETFL, 0) == 0
            && socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &control) == 0
        var process: pid_t = 0
        let error = isMade ? spawn(hook, input: stdin, output: stdout, error: stderr, &process) : errno
        for end in [stdin, stdout, stderr] where end >= 0 { close(end) }
        guard error == 0 else {
            for end in [feed, output, errors] + control where end >= 0 { close(end) }
            throw BrokerError(.configuration, "hook \(name): \(hook.path) cannot be started: \(message(error))")
        }
        running.withLock { _ = $0.insert(process) }
        DispatchQueue(label: "broker.hook").async { [process, ours = control[0]] in self.attend(process, control: ours)
        }
        return [feed, output, errors, control[1]]
    }

    /// At the end of the broker's life.
    func endAll() {
        for process in running.withLock({ $0 }) { Self.end(process) }
    }

    private func spawn(
        _ hook: BrokerConfiguration.Hook, input: CInt, output: CInt, error: CInt, _ process: inout pid_t
    ) -> CInt {
        let words = [hook.path, "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent"]
        let copies = words.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return ([copies[0], nil]).withUnsafeBufferPointer { arguments in
            (Array(copies[1...]) + [nil]).withUnsafeBufferPointer { environment in
                var child = clinux_confined_child()
                child.path = UnsafePointer(copies[0])
                child.arguments = arguments.baseAddress
                child.environment = environment.baseAddress
                (child.input, child.output, child.error) = (input, output, error)
                (child.user, child.group) = (hook.uid, hook.gid)
                (child.processes, child.open_files, child.cpu_seconds) = (256, 256, 60)
                (child.file_bytes, child.address_bytes) = (64 << 20, 2 << 30)
                return clinux_spawn_confined(&child, &process)
            }
        }
    }

    /// On a thread of its own: until the program ends, its caller wants it ended, or it has run for too long.
    private func attend(_ process: pid_t, control: CInt) {
        let handle = clinux_open_process(process)
        var waits = [
            pollfd(fd: handle, events: Int16(POLLIN), revents: 0),
            // Any event there is its end: nothing is ever sent to us.
            pollfd(fd: control, events: Int16(POLLIN), revents: 0),
        ]
        var result: CInt
        repeat { result = poll(&waits, 2, Self.longest) } while result < 0 && errno == EINTR
        // Not reaped yet, so the number is still its own; what it started ends with it, however it ended.
        Self.end(process)
        // Before it is: from then on the number may be somebody else's, and `endAll` kills by it.
        running.withLock { _ = $0.remove(process) }
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        if handle >= 0 { close(handle) }
        let line = Array((status & 0x7F == 0 ? "exit \((status >> 8) & 0xFF)" : "signal \(status & 0x7F)").utf8)
        _ = send(control, line, line.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
        close(control)
    }

    private static func end(_ process: pid_t) {
        kill(-process, SIGKILL)
        kill(process, SIGKILL)
    }
}
