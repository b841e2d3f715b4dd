import Dispatch
import Foundation
import Glibc
import Synchronization

/// What serves an egress door in these tests: a proxy that gives every request the same answer, and remembers their first
/// lines.
final class TestDoor: Sendable {
    private let seen = Mutex<[String]>([])
    private let listeners = Mutex<[CInt]>([])

    var requests: [String] { seen.withLock { $0 } }

    /// Takes the listening descriptor.
    func serve(_ listener: CInt) {
        listeners.withLock { $0.append(listener) }
        Thread.detachNewThread { [self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Thread.detachNewThread { self.answer(connection) }
            }
        }
    }

    /// Stops listening: whoever connects from now on is refused.
    func shut() {
        for listener in listeners.withLock({ listeners in
            defer { listeners = [] }
            return listeners
        }) {
            shutdown(listener, CInt(SHUT_RDWR))
            close(listener)
        }
    }

    private func answer(_ connection: CInt) {
        defer { close(connection) }
        var head: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: head, as: UTF8.self).contains("\r\n\r\n") {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0, head.count < 65_536 else { return }
            head += buffer.prefix(count)
        }
        let line = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")[0]
        seen.withLock { $0.append(line) }
        let body = "through the door\n"
        let status = line.hasPrefix("CONNECT") ? "403 Not in this test" : "200 OK"
        let text = "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        _ = Array(text.utf8).withUnsafeBytes { send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
    }

    deinit { shut() }
}
