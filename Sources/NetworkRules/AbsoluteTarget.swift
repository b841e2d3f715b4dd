/// The target of a request to a proxy: `http://host[:port]/path?query`, in the one reading that is taken. `https` is none:
/// it goes through a tunnel, where the proxy is no party to it.
package struct AbsoluteTarget: Hashable, Sendable {
    package let authority: Authority
    /// In origin form, with its query, as it is sent on: the bytes of the request.
    package let path: String

    package init(reading text: some StringProtocol) throws(NetworkRuleError) {
        let shown = Authority.shown(text.utf8)
        guard text.utf8.count <= 16 << 10 else { throw NetworkRuleError("The address is too long: \(shown)") }
        let scheme = "http://"
        guard
            text.utf8.prefix(scheme.utf8.count).map({ $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 })
                .elementsEqual(scheme.utf8)
        else {
            throw NetworkRuleError(
                "\(shown) is no http:// address. A proxy is asked for those, and for https with CONNECT host:port.")
        }
        let rest = Array(text.utf8.dropFirst(scheme.utf8.count))
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        let host = rest[..<(end ?? rest.count)]
        authority = try Authority(reading: String(decoding: host, as: UTF8.self), assumedPort: 80)
        var path = Array(rest[(end ?? rest.count)...])
        if path.first != UInt8(ascii: "/") { path.insert(UInt8(ascii: "/"), at: 0) }
        guard path.allSatisfy(Self.isPlain) else {
            throw NetworkRuleError("\(shown) has a character that does not belong in an address; it has to be encoded.")
        }
        self.path = String(decoding: path, as: UTF8.self)
    }

    /// What RFC 3986 allows in path and query, and `|`, `[`, `]`, `^`, `{`, `}`, which clients send. No fragment, no
    /// backslash, no quotes, no controls.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "#"), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "`"):
            false
        default: (0x21...0x7E).contains(byte)
        }
    }
}
