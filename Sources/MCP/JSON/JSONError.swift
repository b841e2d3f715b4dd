/// Why a text is not the JSON it should be. `offset` counts bytes from the start of the text.
package struct JSONError: Error, Hashable, CustomStringConvertible {
    package let offset: Int
    package let reason: String

    package init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "invalid JSON at byte \(offset): \(reason)" }
}

/// How much a parser accepts. The depth limit is what keeps every recursive walk over a parsed value (serialising,
/// comparing, hashing, freeing) within a small thread's stack.
package struct JSONLimits: Sendable, Hashable {
    /// Arrays and objects inside each other.
    package var maximumDepth: Int
    package var maximumBytes: Int

    package static let `default` = JSONLimits()

    package init(maximumDepth: Int = 64, maximumBytes: Int = 16 << 20) {
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
    }
}
