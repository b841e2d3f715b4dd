package import MCP

/// A line of a conversation as Slack shows it.
package struct RenderedEntry: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        /// What notifications and screen readers get.
        package var text: String
        package var blocks: [JSONValue]?

        package init(text: String, blocks: [JSONValue]? = nil) {
            self.text = text
            self.blocks = blocks
        }
    }

    /// One message each, in order; the same ones each time, for the same line.
    package var parts: [Part]
    /// The whole of it, where that is more than messages should hold.
    package var whole: (name: String, bytes: [UInt8])?

    package init(parts: [Part], whole: (name: String, bytes: [UInt8])? = nil) {
        self.parts = parts
        self.whole = whole
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.parts == right.parts && left.whole?.name == right.whole?.name && left.whole?.bytes == right.whole?.bytes
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(parts)
    }
}
