import Crypto
import Dispatch
import Glibc
import Synchronization

/// Files by the SHA-256 of their content: `<directory>/ab/cdef…`. A blob is there whole or not at all, and what is read
/// is what was written, or an error.
package struct BlobStore: Sendable {
    private let directory: String
    private let claims = Claims()
    private let queue = DispatchQueue(label: "bulkhead.blobs", attributes: .concurrent)

    init(directory: String) throws {
        self.directory = directory
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw StoreError(path: directory, operation: "creating the folder", errno: errno)
        }
    }

    /// Durable when it returns: the content's digest in hexadecimal.
    package func put(_ bytes: [UInt8], limit: Int = 1 << 30) async throws -> String {
        guard bytes.count <= limit else {
            throw StoreError(.invalid, "A file of \(bytes.count) bytes is over the limit of \(limit).")
        }
        return try await onQueue { try putNow(bytes) }
    }

    /// Stores `bytes`, and sees to it that `remove` leaves them be until `body`, which notes somewhere that they are needed,
    /// is done.
    package func keeping<T: Sendable>(
        _ bytes: [UInt8], while body: @Sendable (_ digest: String) async throws -> T
    ) async throws -> T {
        let digest = Array(SHA256.hash(data: bytes)).hex
        claims.claim(digest)
        defer { claims.release(digest) }
        _ = try await put(bytes)
        return try await body(digest)
    }

    /// Removes content that nobody needs. `isNeeded` is asked after new claims are noticed: what is claimed from then on
    /// stays, or is written anew.
    package func remove(_ digest: String, unless isNeeded: @Sendable () async throws -> Bool) async throws {
        guard claims.condemn(digest) else { return }
        do {
            guard try await !isNeeded() else { return claims.pardon(digest) }
        } catch {
            claims.pardon(digest)
            throw error
        }
        let path = path(of: digest)
        claims.execute(digest) { unlink(path) }
    }

    /// Throws `.invalid` over `limit` and `.broken` where the content is not what was stored.
    package func read(_ digest: String, limit: Int) async throws -> [UInt8] {
        guard digest.utf8.count == 64, [UInt8](hex: digest) != nil else {
            throw StoreError(.invalid, "That is no digest of a stored file.")
        }
        return try await onQueue { try readNow(digest, limit: limit) }
    }

    private func onQueue<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }

    private func folder(of digest: String) -> String { directory + "/" + digest.prefix(2) }

    private func path(of digest: String) -> String { folder(of: digest) + "/" + digest.dropFirst(2) }

    private func putNow(_ bytes: [UInt8]) throws -> String {
        let digest = Array(SHA256.hash(data: bytes)).hex
        let target = path(of: digest)
        var information = stat()
        if stat(target, &information) == 0, information.st_size == bytes.count { return digest }
        guard mkdir(folder(of: digest), 0o700) == 0 || errno == EEXIST else {
            throw StoreError(path: folder(of: digest), operation: "creating the folder", errno: errno)
        }
        let temporary = target + "." + String(UInt64.random(in: 0 ... .max), radix: 36)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw StoreError(path: temporary, operation: "creating", errno: errno) }
        do {
            defer { close(file) }
            try Self.write(bytes, to: file, path: temporary)
            guard fsync(file) == 0 else { throw StoreError(path: temporary, operation: "fsync", errno: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, target) == 0 else {
            let code = errno
            unlink(temporary)
            throw StoreError(path: target, operation: "renaming", errno: code)
        }
        try Self.syncFolder(folder(of: digest))
        try Self.syncFolder(directory)
        return digest
    }

    private func readNow(_ digest: String, limit: Int) throws -> [UInt8] {
        let path = path(of: digest)
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { throw StoreError(.notFound, "The stored file \(digest.prefix(12))… is gone.") }
            throw StoreError(path: path, operation: "opening", errno: errno)
        }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0 else { throw StoreError(path: path, operation: "fstat", errno: errno) }
        guard information.st_size <= limit else {
            throw StoreError(.invalid, "A file of \(information.st_size) bytes is over the limit of \(limit).")
        }
        var bytes = [UInt8](repeating: 0, count: Int(information.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress?.advanced(by: filled), $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw StoreError(path: path, operation: "reading", errno: count < 0 ? errno : EIO) }
            filled += count
        }
        guard Array(SHA256.hash(data: bytes)).hex == digest else {
            throw StoreError(.broken, "The stored file \(path) is damaged: its content is not what was stored.")
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to file: CInt, path: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw StoreError(path: path, operation: "writing", errno: errno) }
            written += count
        }
    }

    private static func syncFolder(_ path: String) throws {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StoreError(path: path, operation: "opening", errno: errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw StoreError(path: path, operation: "fsync", errno: errno) }
    }
}

/// Who is about to need which content, and what is about to be removed. A claim ends a condemnation: content is only
/// removed where none came since.
private final class Claims: Sendable {
    private let state = Mutex<(claims: [String: Int], condemned: Set<String>)>(([:], []))

    func claim(_ digest: String) {
        state.withLock {
            $0.claims[digest, default: 0] += 1
            $0.condemned.remove(digest)
        }
    }

    func release(_ digest: String) {
        state.withLock { state in
            guard let count = state.claims[digest] else { return }
            state.claims[digest] = count > 1 ? count - 1 : nil
        }
    }

    func condemn(_ digest: String) -> Bool {
        state.withLock { state in
            guard state.claims[digest] == nil else { return false }
            state.condemned.insert(digest)
            return true
        }
    }

    func pardon(_ digest: String) {
        state.withLock { _ = $0.condemned.remove(digest) }
    }

    /// Under the lock, so that no claim is made between the look and the deed.
    func execute(_ digest: String, _ deed: () -> Void) {
        state.withLock { state in
            if state.condemned.remove(digest) != nil { deed() }
        }
    }
}
