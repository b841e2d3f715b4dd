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
            let card = AnswerCards.privateAnswer(message: answer.message.rawValue, place: "#\(answer.channelName)")
            parts[parts.count - 1].blocks = (parts.last?.blocks ?? []) + card
        }
    }

    /// What a person wrote elsewhere is told as such: it stands there under the assistant's name.
    private static func markdown(of entry: TranscriptEntry) -> String {
        guard entry.message.kind == .user else { return entry.message.text }
        let name = entry.authorName ?? "Somebody"
        return "*\(name.filter { $0.isLetter || $0.isNumber || " .-'".contains($0) }) wrote elsewhere:*\n\n"
            + entry.message.text
    }
}
