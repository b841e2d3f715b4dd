internal import Glibc
internal import ModelGateway

/// The provider's key, read from its file when it is needed and never kept elsewhere.
struct ModelKey: Sendable {
    let file: String

    func read() throws -> ProviderKey? { try text().map { ProviderKey(text: $0) } }

    /// `nil` where the file is absent or empty; throws where it is there and cannot be read, or others can read it.
    func text() throws -> String? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw StartError("The key file \(file) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw StartError("Others can read the key file \(file); run: chmod 600 \(file)")
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { throw StartError("The key file \(file) cannot be read.") }
        let text = String(decoding: buffer.prefix(count), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first.map { $0.filter { !$0.isWhitespace } } ?? ""
        return line.isEmpty ? nil : line
    }
}
