internal import Markdown
internal import MCP

/// The parts of Block Kit that cards are made of. No `mrkdwn`: what is written in `plain_text` and in rich text is never
/// read as mark-up.
enum BlockKit {
    /// What a button, a title or a field says; cut to what Slack takes there.
    static func plain(_ text: String, most: Int) -> JSONValue {
        ["type": "plain_text", "text": .string(SlackEscaping.line(text, most: most)), "emoji": false]
    }

    static func rich(_ elements: [RichElement]) -> JSONValue {
        ["type": "rich_text", "elements": .array(elements.map(\.json))]
    }

    static func paragraph(_ runs: [RichRun]) -> JSONValue {
        rich([.section(RichInline.joined(runs), isHeading: false)])
    }

    /// Small and grey.
    static func context(_ text: String) -> JSONValue {
        ["type": "context", "elements": [plain(text, most: 2_000)]]
    }

    static func actions(_ buttons: [JSONValue]) -> JSONValue {
        ["type": "actions", "elements": .array(buttons)]
    }

    enum ButtonStyle: String {
        case primary, danger
    }

    static func button(
        _ title: String, _ action: SlackAction, value: String, style: ButtonStyle? = nil, confirm: JSONValue? = nil
    ) -> JSONValue {
        var button: JSONObject = [
            "type": "button", "text": plain(title, most: 75), "action_id": .string(action.rawValue),
            "value": .string(value),
        ]
        if let style { button["style"] = .string(style.rawValue) }
        if let confirm { button["confirm"] = confirm }
        return .object(button)
    }

    /// Slack's own "are you sure".
    static func confirm(title: String, _ text: String, yes: String, isDangerous: Bool = true) -> JSONValue {
        var dialog: JSONObject = [
            "title": plain(title, most: 100), "text": plain(text, most: 300), "confirm": plain(yes, most: 30),
            "deny": plain("Cancel", most: 30),
        ]
        if isDangerous { dialog["style"] = "danger" }
        return .object(dialog)
    }

    /// Words from outside as they are, within a sentence.
    static func words(_ text: String, _ style: RichRun.Style = []) -> RichRun {
        RichRun(VisibleText.line(text), style)
    }

    /// In the reader's own time zone.
    static func time(_ seconds: Int64) -> RichRun {
        RichRun(.time(seconds: seconds))
    }
}
