/// Where a syslog daemon listens.
package enum SyslogAddress: Hashable, Sendable {
    /// A Unix datagram socket: `/dev/log`.
    case local(String)
    case udp(host: String, port: UInt16)
    case tcp(host: String, port: UInt16)

    /// `unix:/dev/log`, `udp:HOST:PORT`, `tcp:HOST:PORT`; an IPv6 address in brackets.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        if parts[0] == "unix" {
            guard parts[1].hasPrefix("/"), parts[1].utf8.count <= 107, !parts[1].utf8.contains(0) else { return nil }
            self = .local(parts[1])
            return
        }
        guard let colon = parts[1].lastIndex(of: ":"), let port = UInt16(parts[1][parts[1].index(after: colon)...]),
            port > 0
        else { return nil }
        var host = String(parts[1][..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, host.utf8.count <= 253,
            host.utf8.allSatisfy({
                (48...58).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46].contains($0)
            })
        else { return nil }
        switch parts[0] {
        case "udp": self = .udp(host: host, port: port)
        case "tcp": self = .tcp(host: host, port: port)
        default: return nil
        }
    }
}
