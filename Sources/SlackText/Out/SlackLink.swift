internal import Markdown
internal import NetworkRules

/// An address that may be followed: http, https or mailto, in a form that everybody reads the same way.
struct SlackLink: Hashable {
    let url: String
    /// The host, or for a mail address all of it: what a reader needs to know.
    let place: String

    init?(_ address: String) {
        guard address.utf16.count <= MessageLimits.url,
            !address.unicodeScalars.contains(where: { $0.value <= 0x20 || !VisibleText.isHarmless($0) }),
            let colon = address.firstIndex(of: ":")
        else { return nil }
        let scheme = address[..<colon].lowercased()
        let rest = address[address.index(after: colon)...]
        switch scheme {
        case "http", "https":
            guard rest.hasPrefix("//") else { return nil }
            let tail = rest.dropFirst(2)
            let authority = tail.prefix { !"/?#".contains($0) }
            guard let (host, port) = Self.host(authority) else { return nil }
            let encoded = Self.encoded(tail[authority.endIndex...])
            guard encoded.utf16.count + host.utf16.count <= MessageLimits.url - 20 else { return nil }
            url = scheme + "://" + host + port + encoded
            place = host
        case "mailto":
            let parts = rest.split(separator: "@", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy(Self.isMailByte),
                let host = HostName(String(parts[1]))
            else { return nil }
            place = "\(parts[0])@\(host)"
            url = "mailto:" + place
        default: return nil
        }
    }

    /// `nil` for user information, addresses in brackets, look-alikes of mixed scripts and whatever readers could differ on.
    private static func host(_ authority: Substring) -> (host: String, port: String)? {
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.first, !name.isEmpty else { return nil }
        var port = ""
        if parts.count == 2 {
            guard (1...5).contains(parts[1].count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            port = ":" + parts[1]
        }
        if name.utf8.allSatisfy({ $0 < 0x80 }) {
            let isPlain = name.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
            return isPlain && name.utf8.count <= 253 ? (name.lowercased(), port) : nil
        }
        guard let host = try? HostName(written: String(name)) else { return nil }
        return (host.description, port)
    }

    /// Path and query, with what would end a link in Slack's mark-up or a reader's program in percent signs.
    private static func encoded(_ text: Substring) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x21, 0x23...0x3B, 0x3D, 0x3F...0x5B, 0x5D, 0x5F, 0x61...0x7A, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }

    private static func isMailByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }

    // MARK: - What the words of a link claim

    /// Whether `label` reads like an address that is not this one: then a reader has to be told where the link leads.
    func isMisnamed(by label: String) -> Bool {
        label.split { $0.isWhitespace || "()[]{}<>\"'`,;|".contains($0) }.contains { word in
            guard let claimed = Self.claimedPlace(word) else { return false }
            return Self.bare(claimed) != Self.bare(place) && Self.bare(claimed) != Self.bare(Self.host(of: place))
        }
    }

    /// The place that a word names to somebody who reads it as an address; `nil` where nobody would.
    private static func claimedPlace(_ word: Substring) -> String? {
        var rest = word.lowercased()[...]
        let hasScheme = rest.contains("://")
        if let mark = rest.firstRange(of: "://") { rest = rest[mark.upperBound...] }
        if rest.hasPrefix("mailto:") { rest = rest.dropFirst("mailto:".count) }
        // Dots that are none look like some: full stops of other scripts and widths.
        let authority = rest.prefix { !"/?#\\:".contains($0) && $0 != "／" }.map {
            "。．｡․".contains($0) ? "." : $0
        }
        var name = String(authority)
        while name.last == "." { name.removeLast() }
        if hasScheme { return name }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty }), let last = labels.last,
            let first = last.first, first.isLetter || labels.count == 4, last.count >= 2 || labels.count == 4
        else { return nil }
        return name
    }

    private static func host(of place: String) -> String {
        place.split(separator: "@").last.map(String.init) ?? place
    }

    private static func bare(_ place: String) -> Substring {
        place.hasPrefix("www.") ? place.dropFirst(4) : place[...]
    }
}
