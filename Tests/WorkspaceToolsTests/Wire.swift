import Dispatch
import Foundation
import Glibc
import Testing

/// Blocking sockets, plainly.
enum Wire {
    struct Failure: Error {}

    static func with(
        _ port: UInt16, _ address: UInt32 = 0x7F00_0001, body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = address.bigEndian
        return withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    static func port(of socket: CInt) -> UInt16 {
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        return UInt16(bigEndian: name.sin_port)
    }

    static func connect(_ port: UInt16) throws -> CInt {
        let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        // What hangs fails.
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard with(port, body: { Glibc.connect(socket, $0, $1) }) == 0 else { throw Failure() }
        return socket
    }

    static func write(_ socket: CInt, _ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(socket, $0.baseAddress.map { $0 + sent }, bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    static func readAll(_ socket: CInt) -> [UInt8] { read(socket) { _ in false } }

    static func readHead(_ socket: CInt) -> [UInt8] { read(socket) { $0.suffix(4) == Array("\r\n\r\n".utf8)[...] } }

    private static func read(_ socket: CInt, until isWhole: ([UInt8]) -> Bool) -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while case let count = recv(socket, &buffer, buffer.count, 0), count > 0 {
            all += buffer.prefix(count)
            if isWhole(all) { break }
        }
        return all
    }

    static func isReadable(_ socket: CInt, milliseconds: CInt) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// Writes beside reading: neither waits for the other.
    static func bytes(port: UInt16, _ bytes: [UInt8], finish: Bool) throws -> [UInt8] {
        let socket = try connect(port)
        defer { close(socket) }
        let written = DispatchGroup()
        DispatchQueue.global().async(group: written) {
            write(socket, bytes)
            if finish { shutdown(socket, CInt(SHUT_WR)) }
        }
        let answer = readAll(socket)
        written.wait()
        return answer
    }

    static func exchange(port: UInt16, _ request: [UInt8], finish: Bool = false) throws -> String {
        String(decoding: try bytes(port: port, request, finish: finish), as: UTF8.self)
    }
}

/// A listening Unix socket, as the host opens it.
final class Door: Sendable {
    let path: String
    let listener: CInt

    init() throws {
        path = NSTemporaryDirectory() + "door-" + UUID().uuidString.prefix(8) + ".sock"
        listener = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = path
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0 && listen(listener, 64) == 0)
    }

    /// Each connection on a thread of its own, closed after `body`.
    func serve(_ body: @escaping @Sendable (CInt) -> Void) {
        Thread.detachNewThread { [self] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Thread.detachNewThread {
                    body(connection)
                    close(connection)
                }
            }
        }
    }

    deinit { unlink(path) }
}
