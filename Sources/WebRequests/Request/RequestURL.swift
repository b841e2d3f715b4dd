internal import NetworkRules

/// The address of a request, in the one reading that is taken.
struct RequestURL: Hashable, Sendable {
    let isSecure: Bool
    let authority: Authority
    /// Begins with a slash; without the query.
    let path: String
    /// As it stood in the address, without the question mark; `nil` where there was none.
    let query: String?

    init(reading text: String, limit: Int) throws(WebRequestError) {
        guard text.utf8.count <= limit else { throw WebRequestError("The address is longer than \(limit) bytes.") }
        guard !text.contains(SecretTemplate.beginning) else {
            throw WebRequestError("A secret does not go into the address itself: put it into query, headers or body.")
        }
        let shown = Authority.shown(text.utf8)
        let lower = text.prefix(8).lowercased()
        let rest: Substring
        if lower.hasPrefix("https://") {
            (isSecure, rest) = (true, text.dropFirst(8))
        } else if lower.hasPrefix("http://") {
            (isSecure, rest) = (false, text.dropFirst(7))
        } else {
            throw WebRequestError("\(shown) is no https:// or http:// address.")
        }
        let host = rest.prefix { !["/", "?", "#"].contains($0) }
        do {
            authority = try Authority(reading: host, assumedPort: isSecure ? 443 : 80)
        } catch {
            throw WebRequestError(error.description)
        }
        let target = rest[host.endIndex...]
        guard target.utf8.allSatisfy(Self.isPlain) else {
            throw WebRequestError(
                "\(shown) has a character that does not belong in an address; it has to be percent-encoded, and "
                    + "what follows a # left out.")
        }
        let path = target.prefix { $0 != "?" }
        self.path = path.isEmpty ? "/" : String(path)
        query = path.endIndex < target.endIndex ? String(target[target.index(after: path.endIndex)...]) : nil
    }

    /// With `added` after the query that is there.
    func target(adding added: [(String, String)]) -> String {
        let pairs = ([query].compactMap(\.self).filter { !$0.isEmpty }) + added.map { "\($0)=\($1)" }
        return pairs.isEmpty ? path : path + "?" + pairs.joined(separator: "&")
    }

    func text(target: String) -> String {
        let usual: UInt16 = isSecure ? 443 : 80
        let port = authority.port == usual ? "" : ":\(authority.port)"
        return "\(isSecure ? "https" : "http")://\(authority.host)\(port)\(target)"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "#"), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "|"), UInt8(ascii: "^"):
            false
        default: (0x21...0x7E).contains(byte)
        }
    }
}

enum PercentEncoding {
    /// All but letters, digits and `-._~`.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
