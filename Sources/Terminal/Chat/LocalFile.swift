internal import Glibc
internal import Markdown

/// Files of the person at the terminal, sent and saved by the chat.
package enum LocalFile {
    /// More is not read: it would be refused anyway.
    static let maximumBytes = 512 << 20

    package static func read(_ path: String) throws(TerminalError) -> (name: String, bytes: [UInt8]) {
        let path = expandingHome(path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("read", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("read", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TerminalError(.file, "\(path) is no ordinary file and cannot be sent.")
        }
        guard status.st_size <= maximumBytes else {
            throw TerminalError(.file, "\(path) is larger than \(maximumBytes >> 20) MiB.")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(status.st_size))
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while bytes.count <= maximumBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return (name, bytes)
    }

    /// Never replaces a file that is there, and follows no link at the end of the path.
    package static func write(_ bytes: [UInt8], to path: String) throws(TerminalError) {
        let path = expandingHome(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw TerminalError(.file, "\(path) exists already; name another file.") }
            throw failure("write", path)
        }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// A name from outside as one of a file here: without directories, hidden files and invisible characters.
    package static func safeName(_ name: String) -> String {
        let last = name.split(separator: "/").last.map(String.init) ?? ""
        let kept = String(
            String.UnicodeScalarView(
                last.unicodeScalars.filter { VisibleText.isHarmless($0) && $0 != "\n" && $0 != "\t" }))
        let trimmed = String(kept.drop { $0 == "." || $0 == " " || $0 == "-" }.prefix(120))
        return trimmed.isEmpty ? "file" : trimmed
    }

    private static func expandingHome(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = TerminalDevice.environment("HOME") else { return path }
        return home + path.dropFirst(1)
    }

    private static func failure(_ verb: String, _ path: String) -> TerminalError {
        TerminalError(.file, "Cannot \(verb) \(path): \(String(cString: strerror(errno))).")
    }
}
