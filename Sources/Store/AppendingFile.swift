import Glibc

/// A file lines are only ever added to.
package enum AppendingFile {
    /// Durable when it returns. Makes the file where it is not there; follows no link.
    package static func append(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw StoreError(path: path, operation: "opening", errno: errno) }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count, fdatasync(descriptor) == 0 else {
            throw StoreError(path: path, operation: "writing", errno: errno)
        }
    }
}
