/// A host's name as everything here compares it: lower-case ASCII letters, digits and hyphens in labels, at least two
/// labels, no dot at its end. What could be read in two ways (other characters, IP addresses in any spelling, a name
/// whose last label is a number) is none.
package struct HostName: Hashable, Sendable, CustomStringConvertible {
    package let labels: [String]

    package init?(_ text: String) {
        guard text.utf8.count <= 254 else { return nil }
        var name = text.utf8[...]
        if name.last == UInt8(ascii: ".") { name = name.dropLast() }
        var labels: [String] = []
        for part in name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard (1...63).contains(part.count), part.first != UInt8(ascii: "-"), part.last != UInt8(ascii: "-") else {
                return nil
            }
            var label: [UInt8] = []
            for byte in part {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    label.append(byte)
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): label.append(byte | 0x20)
                default: return nil
                }
            }
            labels.append(String(decoding: label, as: UTF8.self))
        }
        // `0x7f.1` and the like are addresses to some readers.
        guard labels.count >= 2, let first = labels.last?.utf8.first, !(0x30...0x39).contains(first) else {
            return nil
        }
        self.labels = labels
    }

    /// The host of an absolute URL with a scheme and `//`, or a bare host. `nil` wherever two readers could differ: user
    /// information, backslashes, percent signs, controls, spaces, addresses in brackets, anything but ASCII.
    package init?(ofURL text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else { return nil }
        guard let scheme = text.firstRange(of: "://") else {
            self.init(text)
            return
        }
        let name = text[..<scheme.lowerBound].utf8
        guard let first = name.first, Self.isLetter(first),
            name.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E].contains($0) })
        else { return nil }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { !["/", "?", "#"].contains($0) }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first else { return nil }
        if parts.count == 2 {
            guard (1...5).contains(parts[1].count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
        }
        self.init(String(host))
    }

    package var description: String { labels.joined(separator: ".") }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
