internal import Glibc

/// Reads keys from a terminal on a thread of its own.
package enum KeyReader {
    /// How long after an escape byte the rest of a sequence may take: longer than a slow network's jitter, shorter than
    /// a person notices.
    private static let escapeDelay: Int32 = 50

    /// More unread keys than this are dropped: nobody types so fast, and a paste is one key.
    private static let capacity = 4096

    /// Ends when the terminal is gone.
    package static func keys(from descriptor: Int32) -> AsyncStream<Key> {
        let (stream, continuation) = AsyncStream.makeStream(of: Key.self, bufferingPolicy: .bufferingOldest(capacity))
        BlockingThread.start {
            var decoder = KeyDecoder()
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                if decoder.isPending {
                    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    if poll(&ready, 1, escapeDelay) == 0 {
                        for key in decoder.flush() { continuation.yield(key) }
                    }
                }
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                for key in decoder.append(buffer[..<count]) { continuation.yield(key) }
            }
            continuation.finish()
        }
        return stream
    }
}
