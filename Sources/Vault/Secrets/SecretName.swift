/// What people and agents call a secret by: ASCII letters, digits, `-`, `_` and `.`, a letter first, at most 64. Stands in
/// audit, lists and cards; nobody should put anything secret into it.
package struct SecretName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init?(_ text: String) {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count), let first = bytes.first, Self.isLetter(first),
            bytes.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) || [0x2D, 0x2E, 0x5F].contains($0) })
        else { return nil }
        rawValue = text
    }

    package static let rule = "letters, digits, - _ and ., a letter first, at most 64"

    package var description: String { rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
}
