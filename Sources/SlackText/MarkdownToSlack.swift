internal import Markdown

/// Turns what a model wrote into messages for Slack.
///
/// Nothing in the text acts by itself: mentions, broadcasts and channel names are shown as they were typed unless
/// ``mentions`` names them, links lead only to http, https and mail addresses and show their host where their words claim
/// another, and what cannot be seen is made visible.
package struct MarkdownToSlack: Sendable {
    package enum Tables: Hashable, Sendable {
        /// Slack's own, one in a message.
        case native
        /// Letters in columns, or a list: for a Slack that refuses table blocks.
        case letters
    }

    package var limits: MessageLimits
    /// Whom and what the text may call with `<@U…>`, `<!here>` and the like.
    package var mentions: Set<SlackMention>
    package var tables: Tables

    package init(limits: MessageLimits = MessageLimits(), mentions: Set<SlackMention> = [], tables: Tables = .native) {
        self.limits = limits
        self.mentions = mentions
        self.tables = tables
    }

    /// A text that takes more than ``MessageLimits/messages`` becomes its beginning and a file of all of it. A text of nothing
    /// becomes a message that says so.
    package func render(_ markdown: String) -> SlackAnswer {
        let pieces = pieces(of: MarkdownDocument(parsing: markdown))
        let packed = packed(
            pieces.isEmpty ? [.rich(.section([RichRun("(no text)", .italic)], isHeading: false))] : pieces, limits)
        if packed.count <= limits.messages {
            return SlackAnswer(messages: packed.map { BlockMessage($0, limits: limits) })
        }
        var small = limits
        small.blocksWeight = limits.beginning
        let note = "This is the beginning. The whole answer is in the file below (\(markdown.count) characters)."
        let head =
            (self.packed(pieces, small).first ?? []) + [.rich(.section([RichRun(note, .italic)], isHeading: false))]
        return SlackAnswer(
            messages: [BlockMessage(head, limits: limits)],
            file: AnswerFile(name: "answer.md", text: VisibleText.multiline(markdown)))
    }

    /// The beginning of an answer that is still being written: what is open at its end is closed for now. The messages
    /// before the last stay as they are when more comes, save for marks that only close later. None where there is nothing to
    /// show yet; no more than an answer may have, however long it is.
    package func draft(_ beginning: String) -> [BlockMessage] {
        packed(pieces(of: MarkdownDocument(parsing: beginning, isUnfinished: true)), limits)
            .prefix(limits.messages).map { BlockMessage($0, limits: limits) }
    }

    private func pieces(of document: MarkdownDocument) -> [SlackPiece] {
        SlackLayout(document, mentions: mentions, tables: tables).pieces
    }

    private func packed(_ pieces: [SlackPiece], _ limits: MessageLimits) -> [[SlackPiece]] {
        var packer = SlackPacker(limits: limits)
        // What is more than an answer may have becomes a file whatever it is.
        for piece in pieces where packer.messages.count <= limits.messages { packer.add(piece) }
        packer.finish()
        return packer.messages
    }
}
