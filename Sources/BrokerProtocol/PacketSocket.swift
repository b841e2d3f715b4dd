internal import CLinux
package import Glibc
internal import Synchronization

/// One end of a connection that keeps packets whole (SOCK_SEQPACKET) and carries descriptors.
package final class PacketSocket: Sendable {
    package static let maximumPacket = 64 << 10

    /// Received descriptors belong to whoever holds the packet.
    package struct Packet: Sendable {
        package let bytes: [UInt8]
        package let descriptors: [CInt]

        package func closeDescriptors() {
            for descriptor in descriptors { _ = Glibc.close(descriptor) }
        }
    }

    private let descriptor: CInt
    private let isShut = Mutex(false)

    /// Takes ownership of `descriptor`.
    package init(descriptor: CInt) {
        self.descriptor = descriptor
        var room: CInt = 1 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<CInt>.size))
    }

    deinit {
        _ = Glibc.close(descriptor)
    }

    package static func connect(to path: String) throws(BrokerError) -> PacketSocket {
        let descriptor = Glibc.socket(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BrokerError(.disconnected, "no socket: \(message(errno))") }
        let socket = PacketSocket(descriptor: descriptor)
        let result = try withSocketAddress(path) { Glibc.connect(descriptor, $0, $1) == 0 ? 0 : errno }
        guard result == 0 else {
            throw BrokerError(
                .disconnected,
                result == EACCES
                    ? "this user may not use the broker at \(path): run as the service user"
                    : "no broker answers at \(path): start bulkhead-broker (\(message(result)))")
        }
        return socket
    }

    package static func pair() throws(BrokerError) -> (PacketSocket, PacketSocket) {
        var ends: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw BrokerError(.disconnected, "no socket: \(message(errno))")
        }
        return (PacketSocket(descriptor: ends[0]), PacketSocket(descriptor: ends[1]))
    }

    /// Sends at once or fails: a peer that does not read has no claim to an answer. `descriptors` stay the caller's.
    package func send(_ bytes: [UInt8], descriptors: [CInt] = []) throws(BrokerError) {
        guard bytes.count <= Self.maximumPacket else {
            throw BrokerError(.invalid, "a packet of \(bytes.count) bytes is too large")
        }
        let result = bulkhead_send_packet(descriptor, bytes, bytes.count, descriptors, descriptors.count, 1)
        guard result == 0 else { throw BrokerError(.disconnected, "sending failed: \(Self.message(result))") }
    }

    /// Waits for the next packet, blocking its thread. `nil` at the end. An oversized packet ends the connection.
    package func receive() throws(BrokerError) -> Packet? {
        var descriptors = [CInt](repeating: -1, count: Int(BULKHEAD_MAXIMUM_DESCRIPTORS))
        var count = 0
        var received = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.maximumPacket) { buffer, initialized in
            guard let base = buffer.baseAddress else { return }
            received = bulkhead_receive_packet(descriptor, base, buffer.count, &descriptors, &count)
            initialized = max(0, received)
        }
        guard received >= 0 else {
            throw BrokerError(.disconnected, "receiving failed: \(Self.message(CInt(-received)))")
        }
        // A packet of no bytes looks like the end and is taken as such.
        guard received > 0 else {
            for descriptor in descriptors.prefix(count) { _ = Glibc.close(descriptor) }
            return nil
        }
        return Packet(bytes: bytes, descriptors: Array(descriptors.prefix(count)))
    }

    /// Ends the connection both ways: a waiting `receive` returns.
    package func shut() {
        isShut.withLock { isShut in
            guard !isShut else { return }
            isShut = true
            _ = shutdown(descriptor, CInt(SHUT_RDWR))
        }
    }

    /// The uid that connected, as the kernel recorded it.
    package func peerUID() -> UInt32? {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
        return bulkhead_peer_credentials(descriptor, &pid, &uid, &gid) == 0 ? uid : nil
    }

    static func message(_ code: CInt) -> String { String(cString: strerror(code)) }
}

/// Calls `body` with the address of a Unix socket at `path`; refuses one longer than the 107 bytes there are.
package func withSocketAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) throws(BrokerError) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
        throw BrokerError(.configuration, "the socket path is too long (107 bytes at most): \(path)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
