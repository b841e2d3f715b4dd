package import Glibc

/// An open descriptor, closed with its last user.
package final class OpenFile: Sendable {
    package let descriptor: CInt

    package init(_ descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    package func status() throws(ToolProblem) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ToolProblem(errno, "look at", "the open file") }
        return status
    }

    /// At most `count` bytes from `offset`; fewer only at the end of the file.
    package func read(at offset: Int64, count: Int) throws(ToolProblem) -> [UInt8] {
        var error: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = 0
            while initialized < count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + initialized }, count - initialized,
                    off_t(offset) + initialized)
                if got < 0, errno == EINTR { continue }
                if got < 0 { error = errno }
                guard got > 0 else { return }
                initialized += got
            }
        }
        guard error == 0 else { throw ToolProblem(error, "read", "the open file") }
        return bytes
    }

    package func write(_ bytes: [UInt8]) throws(ToolProblem) {
        var error: CInt = 0
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let put = Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if put < 0, errno == EINTR { continue }
                guard put > 0 else {
                    error = put < 0 ? errno : ENOSPC
                    return
                }
                done += put
            }
        }
        guard error == 0 else { throw ToolProblem(error, "write", "the file") }
    }
}

extension stat {
    var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
    var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
    var isLink: Bool { st_mode & S_IFMT == S_IFLNK }

    /// For what is not a regular file.
    var kind: String {
        switch st_mode & S_IFMT {
        case S_IFREG: "a file"
        case S_IFDIR: "a folder"
        case S_IFLNK: "a symbolic link"
        case S_IFIFO: "a named pipe"
        case S_IFSOCK: "a socket"
        default: "a device"
        }
    }
}
