/// Bytes as text that can be shown: what is not UTF-8 becomes U+FFFD, control characters that a terminal would obey
/// become their pictures (ESC: ␛). Tabs, newlines and carriage returns before them stay.
package struct VisibleText: Sendable, Hashable {
    package let text: String
    package let hadInvalidBytes: Bool

    init(text: String, hadInvalidBytes: Bool) {
        self.text = text
        self.hadInvalidBytes = hadInvalidBytes
    }

    package init(_ bytes: some Collection<UInt8>) {
        let valid = String(validating: bytes, as: UTF8.self)
        hadInvalidBytes = valid == nil
        let decoded = valid ?? String(decoding: bytes, as: UTF8.self)
        guard bytes.contains(where: { $0 < 0x20 && $0 != 0x0A && $0 != 0x09 || $0 == 0x7F }) else {
            text = decoded
            return
        }
        var result = String.UnicodeScalarView()
        for scalar in decoded.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D: result.append(scalar)
            case 0..<0x20: result.append(Unicode.Scalar(0x2400 + scalar.value) ?? scalar)
            case 0x7F: result.append("\u{2421}")
            default: result.append(scalar)
            }
        }
        text = String(result)
    }

    package static let note = "[the output had bytes that are not UTF-8 text; they are shown as \u{FFFD}]"
}
