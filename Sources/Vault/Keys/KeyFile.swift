import Glibc

/// The master key in a file that the service user alone may read, made at first use. The next one stands beside it, as
/// `FILE.next`, from before the database is rotated until after.
package struct KeyFile: MasterKeySource {
    private let path: String
    private var nextPath: String { path + ".next" }

    package init(path: String) {
        self.path = path
    }

    package var name: String { "the file \(path)" }

    package func keys() throws -> [MasterKey] {
        try [path, nextPath].compactMap { try read($0) }
    }

    package func makeFirst() throws -> MasterKey {
        guard try make(path) else { throw failure("making", path, EEXIST) }
        return try made(path)
    }

    package func next(after key: MasterKey) throws -> MasterKey {
        if let prepared = try read(nextPath) {
            // Left by a rotation that was cut off before the database knew of it: as good as a new one.
            if prepared.id != key.id { return prepared }
            // Cut off after that: the key in force is there alone, and has to be in its own place first.
            try settle(on: key)
        }
        // One that another rotation put there in this moment is used: the database may be under it already.
        _ = try make(nextPath)
        return try made(nextPath)
    }

    /// A new key there, durably, and never over another: `link` refuses where something is. Whether it did not.
    private func make(_ place: String) throws -> Bool {
        let temporary = path + ".new"
        try write(MasterKey.random(), to: temporary)
        defer { unlink(temporary) }
        guard link(temporary, place) == 0 else {
            let code = errno
            guard code == EEXIST else { throw failure("making", place, code) }
            return false
        }
        try syncDirectory()
        return true
    }

    /// What is there, and not what was meant to be.
    private func made(_ place: String) throws -> MasterKey {
        guard let key = try read(place) else { throw failure("reading", place, ENOENT) }
        return key
    }

    package func settle(on key: MasterKey) throws {
        let next = try read(nextPath)
        if next?.id == key.id {
            guard rename(nextPath, path) == 0 else { throw failure("exchanging", path, errno) }
        } else {
            guard try read(path)?.id == key.id else {
                throw VaultError(
                    .key,
                    "Neither \(path) nor \(nextPath) holds the key the vault is sealed with (\(key.id)). Nothing was "
                        + "removed; put the right one back before the daemon ends.")
            }
            guard next != nil else { return }
            guard unlink(nextPath) == 0 else { throw failure("removing", nextPath, errno) }
        }
        try syncDirectory()
    }

    /// `nil` where there is none.
    private func read(_ path: String) throws -> MasterKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            if errno == ELOOP { throw VaultError(.key, "\(path) is a link. The vault's key has to be a file itself.") }
            throw failure("opening", path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw VaultError(.key, "\(path), the vault's key, is no plain file.")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw VaultError(
                .key,
                "Others can read \(path), the vault's key. Run: chmod 600 \(path), and then bulkhead vault rotate.")
        }
        guard status.st_uid == geteuid() else {
            throw VaultError(
                .key, "\(path), the vault's key, belongs to another user. Run: chown it to the service user.")
        }
        var buffer = [UInt8](repeating: 0, count: 256)
        defer { buffer.withUnsafeMutableBytes { SecretValue.wipe($0) } }
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw failure("reading", path, errno) }
        return try Self.key(of: Array(buffer.prefix(count)), in: path)
    }

    private func write(_ key: MasterKey, to path: String) throws {
        // What an earlier process left half written.
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("making", path, errno) }
        defer { close(descriptor) }
        let text = Array((key.text + "\n").utf8)
        guard Glibc.write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
            let code = errno
            unlink(path)
            throw failure("writing", path, code)
        }
    }

    private func syncDirectory() throws {
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opening", directory, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("writing", directory, errno) }
    }

    private func failure(_ operation: String, _ path: String, _ code: CInt) -> VaultError {
        VaultError(.key, "The vault's key: \(operation) \(path) failed: \(String(cString: strerror(code))).")
    }
}
