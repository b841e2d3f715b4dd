internal import Glibc

/// Finds out why a Unix socket does not answer: HTTP clients only say that connecting failed.
enum SocketProbe {
    /// The longest path a socket address holds (`sun_path`, with its final zero).
    static let maximumPathLength = 107

    /// `nil` where somebody listens.
    static func failure(at path: String) -> TerminalError? {
        guard path.utf8.count <= maximumPathLength else {
            return TerminalError(
                .usage,
                "The socket path \(path) has \(path.utf8.count) bytes; the system allows \(maximumPathLength). "
                    + "Choose a shorter runtime directory.")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            return TerminalError(.daemonNotRunning, "No socket can be opened: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        return connect(descriptor, to: path) == 0 ? nil : explain(errno, path)
    }

    /// Like `connect(2)`.
    static func connect(_ descriptor: Int32, to path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(maximumPathLength)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    static func explain(_ code: Int32, _ path: String) -> TerminalError {
        switch code {
        case ENOENT, ECONNREFUSED, ENOTDIR:
            TerminalError(
                .daemonNotRunning,
                "No Bulkhead daemon answers at \(path). Start one with `bulkhead serve` (or `make run`), "
                    + "or name its configuration with --config.")
        case EACCES, EPERM:
            TerminalError(
                .noPermission,
                "You may not use the daemon's socket \(path). Ask an admin to add your user to it, "
                    + "or run this as the user the daemon knows you by.")
        default:
            TerminalError(
                .daemonNotRunning, "The daemon's socket \(path) cannot be used: \(String(cString: strerror(code))).")
        }
    }
}
