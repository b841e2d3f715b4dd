internal import BrokerProtocol
internal import Glibc

/// A file of root's into which the harness has lines put, and which it can read, but neither change nor shorten: where
/// the end of its audit is witnessed.
struct Witness {
    private let path: String
    private var last: ContinuousClock.Instant?

    /// One line a second at most: what asks for more is not what it should be.
    private static let interval = Duration.seconds(1)

    init(path: String) {
        self.path = path
    }

    /// Durable when it returns. `line` was checked when the request was read.
    mutating func append(_ line: String) throws(BrokerError) {
        if let last, .now - last < Self.interval { throw BrokerError(.limit, "one line a second") }
        last = .now
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard file >= 0 else { throw BrokerError(.configuration, "cannot open \(path): \(message(errno))") }
        defer { close(file) }
        // Whatever umask a service manager gave: the harness has to read it.
        guard fchmod(file, 0o644) == 0 else {
            throw BrokerError(.configuration, "cannot open \(path) to its readers: \(message(errno))")
        }
        let bytes = Array((line + "\n").utf8)
        guard write(file, bytes, bytes.count) == bytes.count, fdatasync(file) == 0 else {
            throw BrokerError(.configuration, "cannot write \(path): \(message(errno))")
        }
    }
}
