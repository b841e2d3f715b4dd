internal import Glibc

/// The process behind a Unix socket, as the kernel vouches for it.
struct PeerProcess {
    let pid: pid_t
    let uid: uid_t

    /// `nil` where nobody listens.
    static func at(_ path: String, type: CInt = CInt(SOCK_STREAM.rawValue)) -> PeerProcess? {
        guard path.utf8.count <= 107 else { return nil }
        let descriptor = socket(AF_UNIX, type | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { return nil }
        // struct ucred: pid, uid, gid.
        var credentials: (pid_t, uid_t, gid_t) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return nil }
        return PeerProcess(pid: credentials.0, uid: credentials.1)
    }

    /// A line of its status: `CapEff`, `NoNewPrivs`, `Seccomp`.
    func status(_ name: String) -> String? {
        for line in SystemFile.text("/proc/\(pid)/status").split(separator: "\n") where line.hasPrefix(name + ":") {
            return line.split(separator: "\t").last.map(String.init)
        }
        return nil
    }
}

/// TCP sockets a process listens on, as `address:port`.
enum ListeningPorts {
    static func of(_ process: pid_t) -> [String] {
        var own: Set<Substring> = []
        let folder = "/proc/\(process)/fd"
        for name in SystemFile.names(in: folder, limit: 100_000) {
            var target = [CChar](repeating: 0, count: 128)
            let length = readlink(folder + "/" + name, &target, target.count - 1)
            guard length > 0 else { continue }
            let text = String(decoding: target[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
            if text.hasPrefix("socket:["), text.hasSuffix("]") { own.insert(text.dropFirst(8).dropLast()) }
        }
        var found: Set<String> = []
        for table in ["tcp", "tcp6"] {
            for line in SystemFile.text("/proc/\(process)/net/\(table)").split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ")
                // 0A is LISTEN; the tenth field the socket's inode.
                guard fields.count > 9, fields[3] == "0A", own.contains(fields[9]) else { continue }
                let address = fields[1].split(separator: ":")
                guard address.count == 2, let port = UInt16(address[1], radix: 16) else { continue }
                found.insert("\(Self.address(address[0])):\(port)")
            }
        }
        return found.sorted()
    }

    /// The kernel's hexadecimal, the bytes of each 32-bit word in the host's order.
    private static func address(_ hex: Substring) -> String {
        guard hex.count == 8, let word = UInt32(hex, radix: 16) else {
            return hex.allSatisfy { $0 == "0" } ? "[::]" : "[\(hex.lowercased())]"
        }
        return (0..<4).map { String((word >> (UInt32($0) * 8)) & 0xFF) }.joined(separator: ".")
    }
}
