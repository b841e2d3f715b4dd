internal import CLinux
internal import Foundation
internal import Glibc

/// A listening Unix socket whose connections come with the peer's user, as the kernel knows it.
struct UnixListener: Sendable {
    struct Peer: Sendable {
        let descriptor: CInt
        let user: UInt32
    }

    private let descriptor: CInt
    private let path: String

    /// Replaces a socket that a process before left behind. Paths have 107 bytes at most.
    init(path: String, mode: mode_t) throws {
        self.path = path
        guard path.utf8.count <= 107 else { throw StartError("The socket path \(path) is longer than 107 bytes.") }
        unlink(path)
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw StartError("No socket could be made: \(String(cString: strerror(errno))).") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, chmod(path, mode) == 0, listen(descriptor, 64) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw StartError("The socket \(path) could not be opened: \(reason).")
        }
    }

    /// Connections as they come; at most 64 wait to be taken, more are refused. Ends with `close`.
    func connections() -> AsyncStream<Peer> {
        let listening = descriptor
        return AsyncStream(bufferingPolicy: .bufferingOldest(64)) { continuation in
            continuation.onTermination = { _ in shutdown(listening, Int32(SHUT_RDWR)) }
            // Blocks in accept for the life of the listener: a thread of its own, not one of the pool's.
            Thread.detachNewThread {
                while true {
                    let peer = accept(listening, nil, nil)
                    guard peer >= 0 else {
                        if errno == EINTR || errno == ECONNABORTED { continue }
                        if errno == EMFILE || errno == ENFILE || errno == ENOMEM {
                            usleep(100_000)
                            continue
                        }
                        break
                    }
                    _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
                    var (process, user, group): (Int32, UInt32, UInt32) = (0, 0, 0)
                    guard bulkhead_peer_credentials(peer, &process, &user, &group) == 0 else {
                        Glibc.close(peer)
                        continue
                    }
                    if case .enqueued = continuation.yield(Peer(descriptor: peer, user: user)) { continue }
                    Glibc.close(peer)
                }
                continuation.finish()
            }
        }
    }

    func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        unlink(path)
        Glibc.close(descriptor)
    }
}
