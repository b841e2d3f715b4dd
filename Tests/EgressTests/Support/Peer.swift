import Dispatch
import Glibc

/// A plain blocking socket, so that bytes go out exactly as written. Its calls run on a queue's threads.
final class Peer: Sendable {
    struct Failure: Error {
        var what: String
    }

    let descriptor: CInt

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
        // What never comes fails its test instead of holding it.
        var patience = timeval(tv_sec: 15, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    convenience init(unix path: String) throws {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard UnixPath.with(path, { connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            throw Failure(what: "connect \(path): \(errno)")
        }
        self.init(descriptor)
    }

    deinit { close(descriptor) }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        try await blocking { [self] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure(what: "send: \(errno)") }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Says no more.
    func finish() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Is gone at once; a TCP connection is reset.
    func vanish() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        // The number stays ours until deinit, so that nobody else gets it meanwhile.
        dup2(Self.nothing, descriptor)
    }

    private static let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)

    /// At least one byte; none at the end.
    func receive() async throws -> [UInt8] {
        try await blocking { [self] in
            var buffer = [UInt8](repeating: 0, count: 1 << 18)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EAGAIN { throw Failure(what: "nothing came") }
            return count > 0 ? Array(buffer[..<count]) : []
        }
    }

    func receive(count: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try await receive()
            guard !more.isEmpty else { throw Failure(what: "the end after \(bytes.count) of \(count) bytes") }
            bytes += more
        }
        return bytes
    }

    func receiveAll() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while case let more = try await receive(), !more.isEmpty { bytes += more }
        return bytes
    }

    func receiveText() async throws -> String { String(decoding: try await receiveAll(), as: UTF8.self) }

    /// Up to the end of a head, and what came with it.
    func receiveHead() async throws -> String {
        var bytes: [UInt8] = []
        while !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
            let more = try await receive()
            guard !more.isEmpty else { throw Failure(what: "the end after: \(String(decoding: bytes, as: UTF8.self))") }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
    }
}

enum UnixPath {
    static func with<Value>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
