import Foundation
import Glibc

/// A plain blocking socket for tests, so that hostile bytes go out exactly as written. Blocking calls run on threads of
/// their own.
final class BlockingSocket: Sendable {
    struct Failure: Error {
        var what: String
    }

    let descriptor: CInt

    init(unix path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        let status = UnixAddress.with(path) { connect(descriptor, $0, $1) }
        guard status == 0 else { throw Failure(what: "connect \(path): \(errno)") }
        limitPatience()
    }

    init(loopbackPort port: UInt16) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(what: "connect to port \(port): \(errno)") }
        limitPatience()
    }

    deinit { close(descriptor) }

    /// So that what never comes fails its test instead of holding it.
    private static let patience: Duration = .seconds(20)

    private func limitPatience() {
        var limit = timeval(tv_sec: Int(Self.patience.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func hangUp() { shutdown(descriptor, CInt(SHUT_RDWR)) }

    func send(_ bytes: [UInt8]) async throws {
        try await onThread { [descriptor] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure(what: "send: \(errno)") }
                sent += count
            }
        }
    }

    /// What is there, at least one byte; empty at the end.
    func receive() async throws -> [UInt8] {
        try await onThread { [descriptor] in
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EAGAIN { throw Failure(what: "nothing came for \(Self.patience)") }
            guard count > 0 else { return [] }
            return Array(buffer[..<count])
        }
    }

    func receiveAll() async throws -> [UInt8] {
        var all: [UInt8] = []
        while case let more = try await receive(), !more.isEmpty { all += more }
        return all
    }
}

func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
    }
}

enum UnixAddress {
    static func with<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// A listening socket as a broker would hand it over.
    static func listen(at path: String) throws -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        guard UnixAddress.with(path, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0 else {
            throw BlockingSocket.Failure(what: "listen at \(path): \(errno)")
        }
        return descriptor
    }
}
