package import MCP

/// What one call of `chat.postMessage` says.
package struct BlockMessage: Hashable, Sendable {
    /// For notifications, and for readers that show no blocks. Escaped; calls nobody that the blocks do not call.
    package var text: String
    package var blocks: [JSONValue]

    package init(text: String, blocks: [JSONValue]) {
        self.text = text
        self.blocks = blocks
    }

    /// What Slack counts, as far as that is known: see ``MessageLimits/blocksWeight``.
    package var weight: Int {
        JSONValue.array(blocks).text.utf16.count + MessageLimits.blockOverhead * blocks.count
    }

    /// Whether Slack takes it, by all that is known.
    package var isTaken: Bool { blocks.count <= MessageLimits.mostBlocks && weight <= MessageLimits.mostWeight }
}

/// What goes beside the messages because it is too long for them.
package struct AnswerFile: Hashable, Sendable {
    package var name: String
    /// Markdown, whole.
    package var text: String
}

/// An answer as Slack takes it: messages to post in order, then a file where there is one.
package struct SlackAnswer: Hashable, Sendable {
    /// At least one.
    package var messages: [BlockMessage]
    package var file: AnswerFile?
}
