/// An address Slack gave, or an operator set, in the one reading that is taken: `https` or `wss` to any host, `http` or `ws`
/// to loopback alone. No user information, no fragment.
package struct SlackURL: Hashable, Sendable, CustomStringConvertible {
    package let isSecure: Bool
    /// In lower case, without the brackets of an IPv6 address.
    package let host: String
    package let port: Int
    /// Begins with a slash, query included. Of some addresses it is a secret.
    let target: String

    package enum Scheme: Sendable {
        case http, webSocket
    }

    /// Nil for whatever is read otherwise by somebody.
    package init?(_ text: String, _ scheme: Scheme = .http) {
        let (secure, plain) = scheme == .http ? ("https://", "http://") : ("wss://", "ws://")
        let rest: Substring
        if text.hasPrefix(secure) {
            (isSecure, rest) = (true, text.dropFirst(secure.count))
        } else if text.hasPrefix(plain) {
            (isSecure, rest) = (false, text.dropFirst(plain.count))
        } else {
            return nil
        }
        guard text.utf8.count <= 4096, rest.utf8.allSatisfy(Self.isPlain) else { return nil }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        guard let (host, port) = Self.split(authority), isSecure || Self.loopback.contains(host) else { return nil }
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
        self.target = target.hasPrefix("/") ? String(target) : "/" + target
    }

    /// Without what comes after the host: this can be shown.
    package var description: String {
        let usual = isSecure ? 443 : 80
        return (isSecure ? "https://" : "http://") + hostText + (port == usual ? "" : ":\(port)")
    }

    /// All of it, for a request.
    var text: String { description + target }

    /// As a Host header has it.
    var hostHeader: String { hostText + (port == (isSecure ? 443 : 80) ? "" : ":\(port)") }

    package func isSameOrigin(as other: SlackURL) -> Bool {
        isSecure == other.isSecure && host == other.host && port == other.port
    }

    /// Whether `host` is that of a numeric address, for which TLS sends no server name.
    var isNumeric: Bool { host.contains(":") || host.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 } }

    private var hostText: String { host.contains(":") ? "[\(host)]" : host }

    static let loopback: Set<String> = ["127.0.0.1", "::1", "localhost"]

    private static func split(_ authority: Substring) -> (String, Int?)? {
        var host = authority
        var portText: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard host == "::1", rest.isEmpty || rest.hasPrefix(":") else { return nil }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            portText = authority[authority.index(after: colon)...]
        }
        let name = host.lowercased()
        guard (1...253).contains(name.utf8.count), name == "::1" || name.utf8.allSatisfy(isNameByte),
            !name.hasPrefix("."), !name.hasSuffix("."), !name.contains("..")
        else { return nil }
        guard let portText else { return (name, nil) }
        guard (1...5).contains(portText.utf8.count), portText.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(portText), (1...65535).contains(port)
        else { return nil }
        return (name, port)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46
    }

    /// Visible ASCII but for what has no place in an address, and `@` `#` `\`, at which readers part ways. An `@` in a path is
    /// lost with it: Slack encodes it.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !"@#\\\"<>`{}|^".utf8.contains(byte)
    }
}
