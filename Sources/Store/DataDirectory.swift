import Glibc

/// The daemon's folder, held by this process alone for as long as the value lives. The lock is the kernel's (`flock`),
/// so a killed daemon leaves none behind; what it does leave is its process number in the lock file, which tells the
/// next start that the last one did not end in order.
final class DataDirectory: Sendable {
    let path: String
    let endedInOrder: Bool
    private let descriptor: CInt

    var database: String { path + "/bulkhead.sqlite" }
    var auditHead: String { path + "/audit.head" }
    var blobs: String { path + "/blobs" }

    /// `minimumFreeBytes`: a disk with less is called full at once, while there is still room to say so.
    init(path: String, minimumFreeBytes: UInt64) throws {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw StoreError(path: path, operation: "creating the data directory", errno: errno)
        }
        try Self.checkOwner(of: path)
        let lock = path + "/lock"
        descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StoreError(path: path, operation: "creating the lock file", errno: errno) }
        do {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let holder = Self.content(of: descriptor)
                throw StoreError(
                    .locked,
                    "Another daemon\(holder.isEmpty ? "" : " (process \(holder))") uses the data directory \(path). "
                        + "Two daemons on one data directory would undo each other's work: end the other one, or name "
                        + "another directory.")
            }
            endedInOrder = Self.content(of: descriptor).isEmpty
            try Self.checkSpace(at: path, minimum: minimumFreeBytes)
            try Self.write(String(getpid()), to: descriptor, path: lock)
            try Self.createPrivately(path + "/bulkhead.sqlite")
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Gives the directory free. `inOrder`: everything was written and closed.
    func release(inOrder: Bool) {
        if inOrder { ftruncate(descriptor, 0) }
        flock(descriptor, LOCK_UN)
    }

    deinit {
        Glibc.close(descriptor)
    }

    private static func checkOwner(of path: String) throws {
        var information = stat()
        guard stat(path, &information) == 0 else {
            throw StoreError(path: path, operation: "looking at the data directory", errno: errno)
        }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw StoreError(.invalid, "\(path) is not a folder. Name a folder as data directory.")
        }
        guard information.st_uid == geteuid() else {
            throw StoreError(
                .wrongOwner,
                "The data directory \(path) belongs to user \(information.st_uid), and this daemon runs as "
                    + "user \(geteuid()). Start it as that user, or change the owner of the whole directory.")
        }
    }

    private static func checkSpace(at path: String, minimum: UInt64) throws {
        var information = statvfs()
        guard statvfs(path, &information) == 0 else { return }
        let free = UInt64(information.f_bavail).multipliedReportingOverflow(by: UInt64(information.f_frsize))
        guard free.overflow || free.partialValue >= minimum else {
            throw StoreError(
                .full,
                "The disk that holds \(path) is full: \(free.partialValue >> 20) MB free, "
                    + "\(minimum >> 20) MB needed. Free some space.")
        }
    }

    /// SQLite gives its log and index the database's own mode: nobody else's from the first byte on.
    private static func createPrivately(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw StoreError(path: path, operation: "opening", errno: errno) }
        Glibc.close(file)
    }

    private static func content(of descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }, as: UTF8.self)
    }

    private static func write(_ text: String, to descriptor: CInt, path: String) throws {
        let bytes = Array(text.utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw StoreError(path: path, operation: "writing the lock file", errno: errno)
        }
    }
}
