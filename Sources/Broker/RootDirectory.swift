internal import BrokerProtocol
internal import CLinux
internal import Glibc

/// An open directory (O_PATH). Everything below it is reached through it, without following a symbolic link and without
/// leaving it.
final class RootDirectory: Sendable {
    let descriptor: CInt

    private init(owning descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// A directory of the configuration: made if missing, and refused unless it is root's alone to change.
    static func prepare(_ path: String, mode: mode_t, group: UInt32 = 0) throws(BrokerError) -> RootDirectory {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o755) == 0 {
                // Whatever umask a service manager gave: the service user has to get through to its socket.
                guard chmod(made, 0o755) == 0 else {
                    throw BrokerError(.configuration, "cannot open \(made) to others: \(message(errno))")
                }
            } else if errno != EEXIST {
                throw BrokerError(.configuration, "cannot make \(made): \(message(errno))")
            }
        }
        let directory = bulkhead_open_directory(path)
        guard directory >= 0 else { throw BrokerError(.configuration, "cannot open \(path): \(message(-directory))") }
        let root = RootDirectory(owning: directory)
        guard bulkhead_change_owner(directory, 0, group) == 0, chmod("/proc/self/fd/\(directory)", mode) == 0
        else { throw BrokerError(.configuration, "cannot take \(path): \(message(errno))") }
        return root
    }

    func open(_ path: String) throws(BrokerError) -> RootDirectory {
        let result = bulkhead_open_directory_beneath(descriptor, path)
        guard result >= 0 else { throw BrokerError(.volume, "cannot open directory \(path): \(message(-result))") }
        return RootDirectory(owning: result)
    }

    /// Opens `name`, a directory directly in this one, which is made if missing. One that root owns is given to `owner`:
    /// it was just made, or its maker was interrupted.
    func openOrMake(_ name: String, owner: UInt32, group: UInt32, mode: mode_t) throws(BrokerError) -> RootDirectory {
        if mkdirat(descriptor, name, 0o700) != 0, errno != EEXIST {
            let isFull = errno == ENOSPC || errno == EDQUOT
            throw BrokerError(
                .volume,
                isFull
                    ? "the filesystem of the volumes is full (bytes or files): nothing new can be made on it until something is deleted"
                    : "cannot make directory \(name): \(message(errno))")
        }
        let directory = try open(name)
        var about = stat()
        guard fstat(directory.descriptor, &about) == 0 else {
            throw BrokerError(.volume, "cannot examine directory \(name): \(message(errno))")
        }
        if about.st_uid == 0 {
            guard chmod("/proc/self/fd/\(directory.descriptor)", mode) == 0,
                bulkhead_change_owner(directory.descriptor, owner, group) == 0
            else { throw BrokerError(.volume, "cannot give directory \(name) away: \(message(errno))") }
            about.st_uid = owner
        }
        guard about.st_uid == owner else {
            throw BrokerError(.volume, "directory \(name) belongs to uid \(about.st_uid), not \(owner)")
        }
        return directory
    }
}
