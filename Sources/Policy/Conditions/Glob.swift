/// A pattern of literal characters, `*` (any number of characters) and `?` (one). Compares bytes, case included. On a
/// mismatch only the last `*` takes more, so that no text costs more than its length times the pattern's.
package struct Glob: Hashable, Sendable {
    package let pattern: String
    private let bytes: [UInt8]

    /// `nil` for an empty pattern or one over 256 bytes.
    package init?(_ pattern: String) {
        guard (1...256).contains(pattern.utf8.count) else { return nil }
        self.pattern = pattern
        bytes = Array(pattern.utf8)
    }

    package func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        var (position, index) = (0, 0)
        var star: (after: Int, from: Int)?
        while index < text.count {
            if position < bytes.count, bytes[position] == UInt8(ascii: "*") {
                star = (position + 1, index)
                position += 1
            } else if position < bytes.count, bytes[position] == text[index] || bytes[position] == UInt8(ascii: "?") {
                position += 1
                index += 1
            } else if let (after, from) = star {
                star = (after, from + 1)
                position = after
                index = from + 1
            } else {
                return false
            }
        }
        return bytes[position...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
