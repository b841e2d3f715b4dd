internal import BrokerProtocol
internal import Glibc
internal import Model

/// The doors of containers: for each a root-owned directory, which it gets read-only, with listening sockets that only its
/// uid can connect to. The harness gets the listening descriptors.
struct DoorDirectory {
    /// By the names of their sockets.
    enum Door: String, CaseIterable {
        case model = "model.sock"
        case egress = "egress.sock"
    }

    static let socketMode: mode_t = 0o600

    let path: String

    init(configuration: BrokerConfiguration) throws(BrokerError) {
        path = configuration.runDirectory + "/doors"
        _ = try RootDirectory.prepare(path, mode: 0o700)
    }

    /// The container's directory, empty.
    func make(_ key: Broker.Key) throws(BrokerError) -> String {
        let directory = "\(path)/\(key)"
        // Its mode whatever the umask: the container's user has to get through to its sockets.
        guard mkdir(directory, 0o755) == 0, chmod(directory, 0o755) == 0 else {
            throw BrokerError(.conflict, "cannot make \(directory): \(message(errno))")
        }
        return directory
    }

    /// The listening descriptor is the caller's. A door opened before is out of reach from now on.
    func open(_ door: Door, of key: Broker.Key, owner: UInt32) throws(BrokerError) -> CInt {
        let socketPath = "\(path)/\(key)/\(door.rawValue)"
        unlink(socketPath)
        let listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw BrokerError(.conflict, "no socket: \(message(errno))") }
        let result = try withSocketAddress(socketPath) { bind(listener, $0, $1) == 0 ? 0 : errno }
        guard result == 0, chmod(socketPath, Self.socketMode) == 0, lchown(socketPath, owner, owner) == 0,
            listen(listener, 64) == 0
        else {
            let failure = message(result == 0 ? errno : result)
            Glibc.close(listener)
            throw BrokerError(.conflict, "cannot open \(socketPath): \(failure)")
        }
        return listener
    }

    func close(_ key: Broker.Key) { close(key.description) }

    /// By the name of its directory.
    func close(_ name: String) {
        for door in Door.allCases { unlink("\(path)/\(name)/\(door.rawValue)") }
        rmdir("\(path)/\(name)")
    }

    func leftovers() -> [String] { RootDirectory.names(in: path) }
}
