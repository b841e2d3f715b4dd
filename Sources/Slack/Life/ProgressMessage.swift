internal import MCP
internal import Model
internal import SlackText

/// The message in which a turn says what it does, with the answer as far as it is written, and a button that stops it.
struct ProgressMessage {
    let text: String
    let blocks: [JSONValue]?

    init(_ line: String, draft: String, stops conversation: ConversationID) {
        let progress = AnswerCards.progress(line, stops: conversation.rawValue)
        // Of a long one its end.
        let last = draft.isEmpty ? nil : MarkdownToSlack().draft(draft).last
        text = progress.text
        blocks = (last?.blocks ?? []) + progress.blocks
    }
}
