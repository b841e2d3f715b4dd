internal import BrokerProtocol
internal import Glibc
internal import Model

/// The model doors: per compartment a root-owned directory with a listening socket that only the agent's uid can connect
/// to. The container gets the directory, read-only; the harness gets the listening descriptor.
struct DoorDirectory {
    static let socketMode: mode_t = 0o600

    private let path: String

    init(configuration: BrokerConfiguration) throws(BrokerError) {
        path = configuration.runDirectory + "/doors"
        _ = try RootDirectory.prepare(path, mode: 0o700)
    }

    func directory(_ id: CompartmentID) -> String { "\(path)/\(id)" }

    /// The listening descriptor is the caller's.
    func open(_ id: CompartmentID, owner: UInt32) throws(BrokerError) -> CInt {
        let directory = directory(id)
        guard mkdir(directory, 0o755) == 0 else {
            throw BrokerError(.conflict, "cannot make \(directory): \(message(errno))")
        }
        let socketPath = directory + "/model.sock"
        let door = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard door >= 0 else { throw BrokerError(.conflict, "no socket: \(message(errno))") }
        let result = try withSocketAddress(socketPath) { bind(door, $0, $1) == 0 ? 0 : errno }
        guard result == 0, chmod(socketPath, Self.socketMode) == 0, lchown(socketPath, owner, owner) == 0,
            listen(door, 64) == 0
        else {
            let failure = message(result == 0 ? errno : result)
            Glibc.close(door)
            throw BrokerError(.conflict, "cannot open \(socketPath): \(failure)")
        }
        return door
    }

    func close(_ id: CompartmentID) {
        unlink(directory(id) + "/model.sock")
        rmdir(directory(id))
    }

    func leftovers() -> [CompartmentID] { RootDirectory.names(in: path) }
}
