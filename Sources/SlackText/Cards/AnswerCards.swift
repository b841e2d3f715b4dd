internal import Markdown
package import MCP

/// What stands under an answer, in its place, or beside it.
package enum AnswerCards {
    /// Under an answer: what was done for it, where it comes from, and what a reader can do. `message` is the answer's id.
    /// Two blocks at most.
    package static func footer(message: String, done: [String] = [], sources: [String] = []) -> [JSONValue] {
        var facts = done.map { SlackEscaping.line($0, most: 80) }
        if !sources.isEmpty {
            let shown = sources.prefix(8).map { SlackEscaping.line($0, most: 80) }
            facts.append("Sources: " + shown.joined(separator: " · "))
        }
        let buttons = [
            BlockKit.button("👍", .answerGood, value: message), BlockKit.button("👎", .answerBad, value: message),
            BlockKit.button("Details", .answerDetails, value: message),
        ]
        let context = facts.isEmpty ? [] : [BlockKit.context(facts.joined(separator: " · "))]
        return context + [BlockKit.actions(buttons)]
    }

    /// What has to be said before an answer.
    package static func disclaimer(_ sentence: String) -> JSONValue { BlockKit.context(sentence) }

    /// While it is made. `steps` are what was done so far, the newest last; `conversation` gives a button that stops it.
    package static func progress(_ state: String, steps: [String] = [], stops conversation: String? = nil)
        -> BlockMessage
    {
        let shown = steps.suffix(5).map { SlackEscaping.line($0, most: 150) }
        let line = SlackEscaping.line(state, most: 200)
        var blocks = [BlockKit.context((["⏳ " + line] + shown).joined(separator: " · "))]
        if let conversation { blocks.append(BlockKit.actions([BlockKit.button("Stop", .stop, value: conversation)])) }
        return BlockMessage(text: SlackEscaping.words(line.isEmpty ? "Working" : line), blocks: blocks)
    }

    /// Put under an answer that only its requester has: the button that shows it where it was asked for.
    package static func privateAnswer(message: String, place: String) -> [JSONValue] {
        let place = SlackEscaping.line(place, most: 80)
        return [
            BlockKit.context("Only you see this: it draws on something private. It was asked for in \(place)."),
            BlockKit.actions([
                BlockKit.button(
                    "Post here: \(place)", .postAnswer, value: message,
                    confirm: BlockKit.confirm(
                        title: "Post this answer?", "Everybody in \(place) will read it.", yes: "Post",
                        isDangerous: false))
            ]),
        ]
    }

    /// One plain sentence of ours: a notice, an error.
    package static func notice(_ sentence: String) -> BlockMessage {
        let shown = SlackEscaping.cut(sentence.isEmpty ? "…" : sentence, most: 2_000)
        return BlockMessage(
            text: SlackEscaping.cutEscaped(SlackEscaping.words(shown), most: 3_000),
            blocks: [BlockKit.paragraph([RichRun(VisibleText.multiline(shown))])])
    }
}
