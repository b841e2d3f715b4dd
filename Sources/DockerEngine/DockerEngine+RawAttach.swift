internal import Glibc
internal import NIOPosix

extension DockerEngine {
    /// Attaches to a container's standard streams and returns the connection itself: what is written to it is the
    /// container's stdin, what is read is `MultiplexedFrame`s. The caller owns the descriptor, which blocks.
    ///
    /// Attach before start, or what the container says first is lost. With `StdinOnce` the end of this connection ends the
    /// container's stdin.
    package func attachDescriptor(_ id: String, deadline: Duration = .seconds(30)) async throws -> CInt {
        let version = try await spokenVersion()
        let path = socketPath
        return try await NIOThreadPool.singleton.runIfActive {
            try Self.upgradedConnection(
                to: path,
                target: "/v\(version)/containers/\(id)/attach?stream=1&stdin=1&stdout=1&stderr=1",
                milliseconds: Int32(clamping: deadline.components.seconds * 1000))
        }
    }

    /// A plain blocking connection that did `Upgrade: tcp`, read up to the end of the head and not a byte further.
    private static func upgradedConnection(to path: String, target: String, milliseconds: Int32) throws -> CInt {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard connection >= 0 else { throw EngineError(.failed, "no socket: \(String(cString: strerror(errno)))") }
        var keep = false
        defer { if !keep { close(connection) } }

        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw EngineError(.noEngine, "the Docker Engine's socket path is too long: \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { throw EngineError.unreachable(path, errno: errno) }

        let head = Array(
            "POST \(target) HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n"
                .utf8)
        guard send(connection, head, head.count, Int32(MSG_NOSIGNAL)) == head.count else {
            throw EngineError(.disconnected, "the Docker Engine closed the connection before an attach")
        }
        let answer = try answerHead(from: connection, milliseconds: milliseconds)
        let status = answer.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { UInt($0) } ?? 0
        // 200 is what an engine answers that was not asked to upgrade.
        guard status == 101 else {
            throw EngineError.status(status, message: "", request: "attach to \(target)")
        }
        keep = true
        return connection
    }

    private static func answerHead(from connection: CInt, milliseconds: Int32) throws -> String {
        var head: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while !head.suffix(4).elementsEqual(end) {
            var waiting = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, milliseconds) == 1 else {
                throw EngineError(.timedOut, "the Docker Engine did not answer an attach in time")
            }
            var byte: UInt8 = 0
            guard recv(connection, &byte, 1, 0) == 1, head.count < 16 << 10 else {
                throw EngineError(.disconnected, "the Docker Engine closed the connection during an attach")
            }
            head.append(byte)
        }
        return String(decoding: head, as: UTF8.self)
    }
}
