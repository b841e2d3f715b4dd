/// A request's path as segments that every server reads alike. What some servers read otherwise (dot segments, encoded
/// dots, slashes and percent signs, empty segments, path parameters, backslashes) is none: a path that is held to a prefix
/// must not be led out of it by its reader.
package struct RequestPath: Hashable, Sendable {
    /// Percent-decoded; without the empty one after a slash at the end.
    package let segments: [[UInt8]]

    /// `nil` for what could be read in two ways. A query is left out.
    package init?(_ text: String) {
        let path = text.utf8.prefix { $0 != UInt8(ascii: "?") }
        guard path.first == UInt8(ascii: "/") else { return nil }
        var parts = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        var segments: [[UInt8]] = []
        for part in parts {
            guard !part.isEmpty, let segment = Self.decoded(part), segment != [UInt8(ascii: ".")],
                segment != [UInt8(ascii: "."), UInt8(ascii: ".")]
            else { return nil }
            segments.append(segment)
        }
        self.segments = segments
    }

    package func isBelow(_ prefix: RequestPath) -> Bool {
        segments.starts(with: prefix.segments)
    }

    private static func decoded(_ part: Substring.UTF8View.SubSequence) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = part[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                guard (0x21...0x7E).contains(byte), !unclear.contains(byte) else { return nil }
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value) else {
                return nil
            }
            let decoded = high << 4 | low
            guard decoded >= 0x20, decoded != 0x7F, decoded != UInt8(ascii: "."), !unclear.contains(decoded) else {
                return nil
            }
            bytes.append(decoded)
        }
        return bytes
    }

    /// Separators to some reader, in plain or in encoded form.
    private static let unclear: Set<UInt8> = [
        UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "%"), UInt8(ascii: ";"), UInt8(ascii: "#"),
        UInt8(ascii: "?"),
    ]

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x37
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
