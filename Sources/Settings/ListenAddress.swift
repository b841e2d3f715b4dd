/// Where something listens: `127.0.0.1:8090`, `[::1]:8090`.
package struct ListenAddress: Sendable, Hashable {
    package let host: String
    package let port: Int

    /// Nil unless it is a numeric address of IPv4, or of IPv6 in brackets, or `localhost`, with a port.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65535).contains(port), text[text.index(after: colon)...].allSatisfy(\.isNumber)
        else { return nil }
        let named = text[..<colon]
        if named.hasPrefix("["), named.hasSuffix("]") {
            let inner = named.dropFirst().dropLast()
            guard inner.utf8.count >= 2, inner.utf8.allSatisfy(Self.isOfIPv6) else { return nil }
            host = String(inner)
        } else {
            let parts = named.split(separator: ".", omittingEmptySubsequences: false)
            let isNumeric = parts.count == 4 && parts.allSatisfy { UInt8($0).map { "\($0)" } == String($0) }
            guard named == "localhost" || isNumeric else { return nil }
            host = String(named)
        }
        self.port = port
    }

    package var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func isOfIPv6(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte) || byte == 58
    }
}
