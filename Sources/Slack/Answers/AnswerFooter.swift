package import Conversations
internal import MCP
internal import Model
internal import SlackText
package import Store

/// How much stands under an answer.
package enum FooterStyle: String, Sendable, CaseIterable {
    /// What was done, what was read, and the buttons.
    case full
    /// The buttons.
    case short
    case none
}

extension RenderedEntry {
    /// With a sentence over its first part; as it is for `nil`.
    package func disclaimed(_ sentence: String?) -> RenderedEntry {
        guard let sentence, !parts.isEmpty else { return self }
        var changed = self
        let blocks = [AnswerCards.disclaimer(sentence)] + (parts[0].blocks ?? [])
        changed.parts[0].blocks = blocks
        // What has to be said is said, if need be in the words alone.
        if !BlockMessage(text: parts[0].text, blocks: blocks).isTaken { changed.parts[0].blocks = parts[0].blocks }
        changed.parts[0].text = sentence + "\n" + parts[0].text
        return changed
    }

    /// With what stands under an answer, under its last part; as it is for what is no answer.
    package init(_ entry: TranscriptEntry, footer style: FooterStyle, from book: any AnswerBook) async throws {
        self.init(entry)
        guard style != .none, entry.message.kind == .assistant, let last = parts.indices.last,
            let summary = try await book.summary(of: entry.message.id)
        else { return }
        let isFull = style == .full
        let footer = AnswerCards.footer(
            message: entry.message.id.rawValue, done: isFull ? summary.done : [], sources: isFull ? summary.sources : []
        )
        let message = BlockMessage(text: parts[last].text, blocks: (parts[last].blocks ?? []) + footer)
        // Rather an answer without its buttons than one that Slack refuses.
        guard message.isTaken else { return }
        parts[last].blocks = message.blocks
    }
}
