internal import Markdown
package import MCP

/// Modals: views for `views.open`.
package enum SlackModals {
    /// Slack refuses views of more than 250,000 characters; with quotes and frames this is well below.
    private static let most = 90_000
    private static let blockText = 2_800

    /// Everything about a question, the arguments whole.
    package static func details(of card: ApprovalCard) -> JSONValue {
        var blocks = [BlockKit.paragraph(card.title("Question"))]
        if !card.reason.isEmpty { blocks.append(BlockKit.paragraph([BlockKit.words(card.reason)])) }
        blocks.append(BlockKit.paragraph([BlockKit.words("Rule: \(card.rule). Decided by \(card.approvers).")]))
        let arguments = ArgumentText(card.arguments).text
        blocks += long("Arguments", arguments, most: most)
        if let details = card.details {
            blocks += long("Works on", details, most: max(10_000, most - arguments.utf16.count))
        }
        return .object(modal(title: "Details", blocks))
    }

    /// What an answer was made of, as lines of text: tools, model, cost.
    package static func details(title: String, _ text: String) -> JSONValue {
        .object(modal(title: "Details", long(title, text, most: most)))
    }

    /// Asks why, before a denial is given. `private_metadata` is the approval's id.
    package static func denial(of approval: String, tool: String) -> JSONValue {
        let input: JSONValue = [
            "type": "plain_text_input", "action_id": "reason", "multiline": true, "max_length": 1_000,
            "placeholder": BlockKit.plain("The assistant is told, and goes on without it", most: 150),
        ]
        let block: JSONValue = [
            "type": "input", "block_id": "reason", "optional": true, "element": input,
            "label": BlockKit.plain("Why not? (optional)", most: 2_000),
        ]
        var view = modal(
            title: "Deny", [BlockKit.paragraph([RichRun("Not allowed: ", .bold), BlockKit.words(tool, .code)]), block])
        view["callback_id"] = .string(SlackAction.denialForm.rawValue)
        view["private_metadata"] = .string(approval)
        view["submit"] = BlockKit.plain("Deny", most: 24)
        return .object(view)
    }

    /// Asks what was wrong with an answer. `private_metadata` is the answer's id. `undoable`: changes that whoever it is for
    /// can undo.
    package static func feedback(on answer: String, undoable: Int) -> JSONValue {
        let input: JSONValue = [
            "type": "plain_text_input", "action_id": "reason", "multiline": true, "max_length": 1_000,
        ]
        var blocks: [JSONValue] = [
            [
                "type": "input", "block_id": "reason", "optional": true, "element": input,
                "label": BlockKit.plain("What was wrong? Whoever runs the assistant reads it.", most: 2_000),
            ]
        ]
        if undoable > 0 {
            let title = undoable == 1 ? "Undo 1 change" : "Undo \(undoable) changes"
            let confirm = BlockKit.confirm(
                title: "Undo?", "What stood there before the answer is put back.", yes: "Undo")
            blocks.append(
                BlockKit.actions([BlockKit.button(title, .undo, value: answer, style: .danger, confirm: confirm)]))
        }
        var view = modal(title: "Not helpful", blocks)
        view["callback_id"] = .string(SlackAction.feedbackForm.rawValue)
        view["private_metadata"] = .string(answer)
        view["submit"] = BlockKit.plain("Send", most: 24)
        return .object(view)
    }

    /// Asks for a question about a message. `private_metadata` is `subject`.
    package static func question(about subject: String) -> JSONValue {
        let input: JSONValue = [
            "type": "plain_text_input", "action_id": "reason", "multiline": true, "max_length": 1_000,
        ]
        let block: JSONValue = [
            "type": "input", "block_id": "reason", "element": input,
            "label": BlockKit.plain("What do you want to know, or have done?", most: 2_000),
        ]
        let note = BlockKit.context("The answer comes in the message's thread, where everybody reads it.")
        var view = modal(title: "Ask about this", [block, note])
        view["callback_id"] = .string(SlackAction.questionForm.rawValue)
        view["private_metadata"] = .string(subject)
        view["submit"] = BlockKit.plain("Ask", most: 24)
        return .object(view)
    }

    /// What was typed into ``denial(of:tool:)``, ``feedback(on:undoable:)`` or ``question(about:)``, from the `view` of its submission; `nil` where that was nothing.
    package static func reason(in view: JSONValue) -> String? {
        let typed = view["state"]?["values"]?["reason"]?["reason"]?["value"]?.stringValue ?? ""
        return typed.contains { !$0.isWhitespace } ? SlackEscaping.cut(typed, most: 1_000) : nil
    }

    private static func modal(title: String, _ blocks: [JSONValue]) -> JSONObject {
        [
            "type": "modal", "title": BlockKit.plain(title, most: 24), "close": BlockKit.plain("Close", most: 24),
            "blocks": .array(blocks),
        ]
    }

    /// A text in as many blocks as it takes, split between lines.
    private static func long(_ title: String, _ text: String, most: Int) -> [JSONValue] {
        let cut = CutText(text, most: most)
        var blocks = [BlockKit.paragraph([RichRun(title, .bold)])]
        var rest = cut.text.isEmpty ? "(empty)" : cut.text
        while blocks.count < 48, let (first, more) = TextCut.split(rest, weight: blockText, atWords: false) {
            blocks.append(BlockKit.rich([.code(first.isEmpty ? " " : first)]))
            rest = more
        }
        if !rest.isEmpty { blocks.append(BlockKit.rich([.code(CutText(rest, most: blockText).text)])) }
        if cut.isCut {
            blocks.append(BlockKit.context("Slack shows no more of it. The web chat and the terminal show all."))
        }
        return blocks
    }
}
