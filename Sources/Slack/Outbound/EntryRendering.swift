internal import MCP
internal import Model
internal import SlackText
package import Store

extension RenderedEntry {
    /// A line of a conversation for the place in which it lives. The same line gives the same messages, so that one that was
    /// broken off goes on where it was.
    package init(_ entry: TranscriptEntry) {
        let answer = MarkdownToSlack().render(Self.markdown(of: entry))
        parts = answer.messages.map { Part(text: $0.text, blocks: $0.blocks) }
        whole = answer.file.map { ($0.name, Array($0.text.utf8)) }
        if let answer = entry.privateAnswer, answer.message == entry.message.id, answer.posted == nil, !parts.isEmpty {
            // Rooms that are Slack channels are called as those are, sign included.
            let name = answer.channelName
            let card = AnswerCards.privateAnswer(
                message: answer.message.rawValue, place: name.hasPrefix("#") ? name : "#\(name)")
            parts[parts.count - 1].blocks = (parts.last?.blocks ?? []) + card
        }
    }

    /// What a person wrote elsewhere is told as such, for it stands there under the assistant's name: all of it is a
    /// quotation, without any layout of its own, and it fits into one message: no part of it passes for what the assistant
    /// says.
    private static func markdown(of entry: TranscriptEntry) -> String {
        guard entry.message.kind == .user else { return entry.message.text }
        let name = entry.authorName ?? "Somebody"
        let text = entry.message.text
        let shown = text.prefix(longestQuotation)
        let lines = shown.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { "> " + plain($0) }
        return "*\(name.filter { $0.isLetter || $0.isNumber || " .-'()".contains($0) }) wrote elsewhere:*\n\n"
            + lines.joined(separator: "\n")
            + (shown.endIndex < text.endIndex ? "\n\n(More of it is in the web chat.)" : "")
    }

    /// Text that says what it says, whatever Markdown makes of it.
    private static func plain(_ line: Substring) -> String {
        String(line.flatMap { "\\`*_{}[]<>()#+-.!|~=&:".contains($0) ? ["\\", $0] : [$0] })
    }

    /// Characters.
    private static let longestQuotation = 2000
}
