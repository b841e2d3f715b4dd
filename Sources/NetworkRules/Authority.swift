/// A host and a port as a client named them: what the allowlist is asked about, what is dialled, and what stands in the
/// audit, read once.
package struct Authority: Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let port: UInt16

    package init(host: HostName, port: UInt16) {
        self.host = host
        self.port = port
    }

    package var description: String { "\(host):\(port)" }
}

extension Authority {
    /// Reads `host:port`, or `host` where there is a port to assume. What two readers could take for different places is
    /// none: user information, addresses in any spelling, brackets, percent signs, anything but printable ASCII.
    package init(reading text: some StringProtocol, assumedPort: UInt16? = nil) throws(NetworkRuleError) {
        let bytes = Array(text.utf8.prefix(320))
        let shown = Self.shown(text.utf8)
        guard (1...300).contains(bytes.count) else {
            throw NetworkRuleError(bytes.isEmpty ? "There is no host." : "The host is too long: \(shown)")
        }
        if let complaint = Self.complaint(about: bytes) { throw NetworkRuleError("\(shown) is no host: \(complaint)") }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw NetworkRuleError("\(shown) has more than one colon.") }
        guard let host = HostName(String(decoding: parts[0], as: UTF8.self)) else {
            throw NetworkRuleError(
                "\(shown) names no host: a name like example.com is needed, and IP addresses are not reached.")
        }
        if parts.count == 2 {
            port = try Self.port(parts[1], of: shown)
        } else if let assumedPort {
            port = assumedPort
        } else {
            throw NetworkRuleError("\(shown) has no port.")
        }
        self.host = host
    }

    /// What was asked for, as messages and the audit have it: printable ASCII, at most 300 characters, without a query and
    /// without user information, either of which may be a secret.
    package static func shown(_ asked: some Collection<UInt8>) -> String {
        let bytes = asked.prefix(16 << 10).prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        var visible = bytes.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        let at = visible.lastIndex(of: UInt8(ascii: "@"))
        if let at { visible.removeFirst(at) }
        let text = String(decoding: visible.prefix(300), as: UTF8.self)
        return (at == nil ? "" : "…") + text + (visible.count > 300 ? "…" : "")
    }

    private static func port(_ digits: ArraySlice<UInt8>, of shown: String) throws(NetworkRuleError) -> UInt16 {
        guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.first != UInt8(ascii: "0"), let port = UInt16(String(decoding: digits, as: UTF8.self))
        else { throw NetworkRuleError("\(shown) has no port between 1 and 65535, written plainly.") }
        return port
    }

    private static func complaint(about bytes: [UInt8]) -> String? {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "@"): return "user information is not taken."
            case UInt8(ascii: "["), UInt8(ascii: "]"): return "IP addresses are not reached."
            case UInt8(ascii: "%"), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"):
                return "it has a \(Character(Unicode.Scalar(byte)))."
            case 0x21...0x7E: continue
            case 0x80...: return "it is not ASCII; international names are sent as xn--…"
            default: return "it has a space or a control character."
            }
        }
        return nil
    }
}
