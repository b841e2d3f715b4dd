import Glibc

/// Plain blocking sockets.
enum Sockets {
    static func listen() throws -> (descriptor: CInt, port: UInt16) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var address = loopback(port: 0)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 512) == 0
                    ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard status == 0 else { throw BenchError("no socket: \(String(cString: strerror(errno)))") }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    static func connect(port: UInt16) throws -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port: port)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(descriptor)
            throw BenchError("no connection: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    static func listenUnix(_ path: String) throws -> CInt {
        try unix(path) { bind($0, $1, $2) == 0 && Glibc.listen($0, 512) == 0 }
    }

    static func connectUnix(_ path: String) throws -> CInt {
        try unix(path) { Glibc.connect($0, $1, $2) == 0 }
    }

    private static func unix(
        _ path: String, _ body: (CInt, UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) throws -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let succeeded = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard succeeded else {
            close(descriptor)
            throw BenchError("no socket \(path): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    static func write(_ bytes: [UInt8], _ descriptor: CInt) throws {
        try bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                guard count > 0 else { throw BenchError("the other side is gone") }
                offset += count
            }
        }
    }

    /// Up to the empty line of a head without a body.
    static func readHead(_ descriptor: CInt) throws {
        var buffer = [UInt8](repeating: 0, count: 1024)
        var filled = 0
        while filled < 4 || buffer[filled - 4..<filled] != [13, 10, 13, 10] {
            let count = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress?.advanced(by: filled), bytes.count - filled)
            }
            guard count > 0 else { throw BenchError("no answer of the proxy") }
            filled += count
        }
        guard buffer.starts(with: "HTTP/1.1 200 ".utf8) else {
            throw BenchError("the proxy says: \(String(decoding: buffer[..<filled], as: UTF8.self))")
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }
}
