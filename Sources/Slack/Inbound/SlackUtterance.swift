package import MCP
package import SlackAPI

/// A message as Slack tells of it: in an event, in a channel's history, in a thread.
package struct SlackUtterance: Sendable, Hashable {
    package let channel: String
    package let ts: SlackTimestamp
    /// The thread it replies in; `nil` at top level, also for the message that opened a thread.
    package let thread: SlackTimestamp?
    package let user: String?
    /// Of a program's.
    package let bot: String?
    package let app: String?
    package let subtype: String?
    package let text: String
    package let blocks: [JSONValue]
    package let files: [SlackFile]
    package let isHidden: Bool
    /// It came as a mention, whatever its text says.
    package let isMention: Bool
    /// When its author last changed it.
    package let edited: String?

    /// `nil` without a channel or a time stamp. `channel` is named where the message itself does not name it.
    package init?(_ json: JSONValue, channel named: String? = nil) {
        guard let channel = json["channel"]?.stringValue ?? named, SlackAddress.isIdentifier(channel),
            let ts = json["ts"]?.stringValue.flatMap(SlackTimestamp.init)
        else { return nil }
        self.channel = channel
        self.ts = ts
        let thread = json["thread_ts"]?.stringValue.flatMap(SlackTimestamp.init)
        self.thread = thread == ts ? nil : thread
        user = json["user"]?.stringValue.flatMap(Self.identifier)
        bot = json["bot_id"]?.stringValue.flatMap(Self.identifier)
        app = json["app_id"]?.stringValue.flatMap(Self.identifier)
        subtype = json["subtype"]?.stringValue
        text = json["text"]?.stringValue ?? ""
        blocks = json["blocks"]?.arrayValue ?? []
        files = (json["files"]?.arrayValue ?? []).compactMap(SlackFile.init)
        isHidden = json["hidden"]?.boolValue ?? false
        isMention = json["type"]?.stringValue == "app_mention"
        edited = json["edited"]?["ts"]?.stringValue
    }

    /// Its name on our side: with it, it is accepted once.
    package var eventID: String { "\(channel):\(ts.text)" }

    package var isDirect: Bool { channel.hasPrefix("D") }

    /// The thread whose conversation it belongs to: in a channel a message at top level opens its own; in a direct
    /// conversation those are one conversation after the other.
    package var conversationThread: String {
        if let thread { return thread.text }
        return isDirect ? "" : ts.text
    }

    private static func identifier(_ text: String) -> String? { SlackAddress.isIdentifier(text) ? text : nil }
}

extension SlackFile {
    /// Why it cannot be had, in words; `nil` where it can.
    var obstacle: String? {
        switch mode {
        case "tombstone": "it was deleted"
        case "hidden_by_limit": "the workspace's plan hides it"
        case "external": "it lies outside Slack"
        default: nil
        }
    }
}
