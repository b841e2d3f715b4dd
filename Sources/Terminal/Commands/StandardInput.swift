internal import Glibc
internal import Synchronization

enum StandardInput {
    /// A message may not be longer by far.
    private static let maximumBytes = 16 << 20

    static func all() throws(TerminalError) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
            guard bytes.count <= maximumBytes else {
                throw TerminalError(.usage, "Standard input is over \(maximumBytes >> 20) MiB: too long for a message.")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TerminalError(.usage, "Standard input is no UTF-8 text. Send files with --attach.")
        }
        return text
    }

    /// The next line, read on a thread of its own; `nil` at the end.
    static func line() async throws(TerminalError) -> String? {
        let bytes: [UInt8]? = await withCheckedContinuation { continuation in
            BlockingThread.start { continuation.resume(returning: bytesOfLine()) }
        }
        guard let bytes else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TerminalError(.usage, "Standard input is no UTF-8 text. Send files with --attach.")
        }
        return text
    }

    private static let unread = Mutex<[UInt8]>([])

    /// `readLine` would mend what is no UTF-8, and send something that nobody wrote.
    static func bytesOfLine() -> [UInt8]? {
        unread.withLock { unread in
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            var searched = 0
            while true {
                if let end = unread[searched...].firstIndex(of: 0x0A) {
                    defer { unread.removeFirst(end + 1) }
                    return Array(unread[..<end])
                }
                searched = unread.count
                let count = unread.count > maximumBytes ? 0 : read(STDIN_FILENO, &chunk, chunk.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    defer { unread = [] }
                    return unread.isEmpty ? nil : unread
                }
                unread += chunk[..<count]
            }
        }
    }
}
