package import MCP
package import Model
internal import SlackAPI

/// What somebody did in Slack beside speaking: buttons, a form, the shortcut on a message.
package struct SlackInteraction: Sendable, Hashable {
    package let user: String
    package private(set) var clicks: [SlackClick] = []
    package private(set) var form: SlackForm?
    package private(set) var shortcut: SlackShortcut?
    /// What is done one after the other: what is done with one card, or in one window.
    package let lane: String
    /// By which it is known when it comes again.
    package let key: String

    /// `nil` for what is none of ours.
    package init?(_ payload: JSONValue, received: Timestamp, isRepeated: Bool = false) {
        clicks = SlackClick.all(in: payload, received: received, isRepeated: isRepeated)
        form = SlackForm(payload, isRepeated: isRepeated)
        shortcut = SlackShortcut(payload, named: SlackManifest.shortcut, received: received)
        if let click = clicks.first {
            user = click.user
            lane =
                switch click.place {
                case .message(let address, let ts): "card/\(address.channel)/\(ts.text)"
                case .home: "home/\(click.user)"
                case .modal(let subject): "form/\(subject)"
                }
        } else if let form {
            (user, lane) = (form.user, "form/\(form.subject)")
        } else if let shortcut {
            (user, lane) = (shortcut.user, "shortcut/\(shortcut.user)")
        } else {
            return nil
        }
        let trigger = payload["trigger_id"]?.stringValue ?? ""
        key = (1...200).contains(trigger.utf8.count) ? "trigger \(trigger)" : payload.text
    }

    /// What is needed of a payload to read it again: without the tokens and addresses that Slack sends along, by which
    /// whoever reads them could pass for it, and without what the message says.
    package static func kept(of payload: JSONValue) -> JSONValue {
        var kept = picked(payload, ["type", "trigger_id", "callback_id", "message_ts"])
        kept["user"] = .object(picked(payload["user"], ["id"]))
        kept["channel"] = .object(picked(payload["channel"], ["id"]))
        kept["message"] = .object(picked(payload["message"], ["ts", "thread_ts"]))
        kept["container"] = .object(picked(payload["container"], ["type", "channel_id", "message_ts", "thread_ts"]))
        kept["actions"] = .array(
            (payload["actions"]?.arrayValue ?? []).prefix(10).map { .object(picked($0, ["action_id", "value"])) })
        if let view = payload["view"] {
            kept["view"] = .object(picked(view, ["id", "type", "callback_id", "private_metadata", "state"]))
        }
        return .object(kept)
    }

    private static func picked(_ json: JSONValue?, _ names: [String]) -> JSONObject {
        var object: JSONObject = [:]
        for name in names {
            if let value = json?[name] { object[name] = value }
        }
        return object
    }
}
