package import Audit
internal import Dispatch
internal import Glibc
internal import Model

/// Checkpoints as syslog messages (RFC 5424; over TCP with the octet count of RFC 6587), facility 13 (log audit), notice.
/// Over datagrams, delivered means sent: that is all a sender can know.
package struct SyslogDelivery: CheckpointDelivery {
    private let address: SyslogAddress
    private let host: String

    private static let patience: CInt = 5000

    package init(_ address: SyslogAddress) {
        self.address = address
        var name = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&name, name.count - 1) == 0
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        host = isKnown && !text.isEmpty && text.utf8.allSatisfy { (33...126).contains($0) } ? text : "-"
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package func deliver(_ checkpoint: AuditCheckpoint) async throws {
        let message = message(for: checkpoint)
        // Looking up a name blocks, and so may connecting: not on the pool's threads.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue(label: "audit.syslog").async {
                do {
                    try self.send(message)
                    continuation.resume()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    package func message(for checkpoint: AuditCheckpoint) -> [UInt8] {
        Array("<109>1 \(checkpoint.at.rfc3339) \(host) bulkhead \(getpid()) audit - \(checkpoint.line)".utf8)
    }

    private func send(_ message: [UInt8]) throws {
        switch address {
        case .local(let path):
            let file = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            guard file >= 0 else { throw failure("no socket") }
            defer { close(file) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(file, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            guard isConnected else { throw failure("nothing listens") }
            try write(message, to: file)
        case .udp(let host, let port): try overNetwork(message, host, port, SOCK_DGRAM)
        case .tcp(let host, let port):
            try overNetwork(Array("\(message.count) ".utf8) + message, host, port, SOCK_STREAM)
        }
    }

    /// To the first of the host's addresses that takes it.
    private func overNetwork(_ message: [UInt8], _ host: String, _ port: UInt16, _ kind: __socket_type) throws {
        var hints = addrinfo()
        hints.ai_socktype = CInt(kind.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw Failure(description: "\(host): \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(list) }
        var last: any Error = Failure(description: "\(host) has no address")
        var entry = list
        while let address = entry?.pointee {
            do {
                let flags = CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
                let file = socket(address.ai_family, CInt(kind.rawValue) | flags, 0)
                guard file >= 0 else { throw failure("no socket") }
                defer { close(file) }
                if connect(file, address.ai_addr, address.ai_addrlen) != 0 {
                    guard errno == EINPROGRESS else { throw failure("\(host):\(port)") }
                    try wait(file, POLLOUT)
                    var error: CInt = 0
                    var size = socklen_t(MemoryLayout<CInt>.size)
                    getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &size)
                    errno = error
                    guard error == 0 else { throw failure("\(host):\(port)") }
                }
                return try write(message, to: file)
            } catch {
                last = error
            }
            entry = address.ai_next
        }
        throw last
    }

    private func write(_ message: [UInt8], to file: CInt) throws {
        var sent = 0
        while sent < message.count {
            try wait(file, POLLOUT)
            let count = message[sent...].withUnsafeBytes {
                Glibc.send(file, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { throw failure("sending failed") }
            sent += count
        }
    }

    private func wait(_ file: CInt, _ events: CInt) throws {
        var wanted = pollfd(fd: file, events: Int16(events), revents: 0)
        guard poll(&wanted, 1, Self.patience) > 0 else { throw Failure(description: "syslog did not take it in time") }
    }

    private func failure(_ what: String) -> Failure {
        Failure(description: "syslog: \(what): \(String(cString: strerror(errno)))")
    }
}
