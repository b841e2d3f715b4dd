package import MCP
package import Model
internal import SlackText

/// Somebody chose "Ask about this" on a message.
package struct SlackShortcut: Sendable, Hashable {
    package let user: String
    package let trigger: SlackTrigger
    package let about: SlackQuestion.Subject

    /// `nil` where the payload is no such thing.
    package init?(_ payload: JSONValue, named callback: String, received: Timestamp) {
        guard payload["type"]?.stringValue == "message_action", payload["callback_id"]?.stringValue == callback,
            let user = payload["user"]?["id"]?.stringValue, SlackAddress.isIdentifier(user),
            let trigger = payload["trigger_id"]?.stringValue,
            let channel = payload["channel"]?["id"]?.stringValue, SlackAddress.isIdentifier(channel),
            let message = payload["message"],
            let ts = (message["ts"] ?? payload["message_ts"])?.stringValue.flatMap(SlackTimestamp.init)
        else { return nil }
        self.user = user
        self.trigger = SlackTrigger(id: trigger, received: received)
        let thread = message["thread_ts"]?.stringValue.flatMap(SlackTimestamp.init)
        about = SlackQuestion.Subject(channel: channel, ts: ts, thread: thread ?? ts)
    }

    package var form: JSONValue { SlackModals.question(about: about.text) }
}

/// The form after it, sent off. What the message says is Slack's to tell, not the form's.
package struct SlackQuestion: Sendable, Hashable {
    package struct Subject: Sendable, Hashable {
        package let channel: String
        package let ts: SlackTimestamp
        package let thread: SlackTimestamp

        package init(channel: String, ts: SlackTimestamp, thread: SlackTimestamp) {
            self.channel = channel
            self.ts = ts
            self.thread = thread
        }

        var text: String { "\(channel)/\(thread.text)/\(ts.text)" }

        init?(_ text: String) {
            let parts = text.split(separator: "/").map(String.init)
            guard parts.count == 3, SlackAddress.isIdentifier(parts[0]), let thread = SlackTimestamp(parts[1]),
                let ts = SlackTimestamp(parts[2])
            else { return nil }
            self.init(channel: parts[0], ts: ts, thread: thread)
        }
    }

    package let user: String
    package let about: Subject
    package let text: String
    /// The form's own id: the same one twice is one question.
    package let id: String

    /// `nil` where it is another form, or nothing was asked.
    package init?(_ form: SlackForm) {
        guard form.action == .questionForm, !form.id.isEmpty, let about = Subject(form.subject), let text = form.words
        else { return nil }
        self.user = form.user
        self.about = about
        self.text = text
        self.id = form.id
    }
}
