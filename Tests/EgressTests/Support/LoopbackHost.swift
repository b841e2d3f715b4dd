import Dispatch
import Glibc

/// A host of the test's own on loopback: each connection it gets is the test's to answer.
final class LoopbackHost: Sendable {
    let port: UInt16
    private let listening: CInt
    private let connections: AsyncStream<Peer>

    init() throws {
        let listening = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        self.listening = listening
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                guard bind(listening, $0, length) == 0, listen(listening, 64) == 0 else { return CInt(-1) }
                return getsockname(listening, $0, &length)
            }
        }
        guard status == 0 else { throw Peer.Failure(what: "no loopback host: \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        let (stream, continuation) = AsyncStream<Peer>.makeStream()
        connections = stream
        DispatchQueue(label: "loopback-host").async {
            while true {
                let descriptor = accept(listening, nil, nil)
                guard descriptor >= 0 else { break }
                continuation.yield(Peer(descriptor))
            }
            continuation.finish()
        }
    }

    deinit {
        // Wakes its thread, which closing would not.
        shutdown(listening, CInt(SHUT_RDWR))
        close(listening)
    }

    /// The next connection.
    func next() async throws -> Peer {
        var iterator = connections.makeAsyncIterator()
        guard let peer = await iterator.next() else { throw Peer.Failure(what: "the loopback host is gone") }
        return peer
    }
}
