package import MCP
package import Model
package import Store

/// What an event is about. Several of Slack's can be one of ours.
package enum SlackEventKind: String, Sendable {
    case message
    case edited = "message_changed"
    case deleted = "message_deleted"
    case memberJoined = "member_joined_channel"
    case memberLeft = "member_left_channel"
    /// The app itself is out of a channel.
    case weLeft = "left"
    /// Its name changed, or it was archived or opened again.
    case channelChanged = "channel_changed"
    case userChanged = "user_change"
}

package enum SlackEvent {
    /// Those that are nothing said: what they ask for is done at once or not at all.
    package static let momentary: Set<String> = [
        "reaction_added", "app_home_opened", "assistant_thread_started", "assistant_thread_context_changed",
    ]

    /// The event of an `event_callback` as it is kept; `nil` for one that nothing is done about here.
    package static func draft(_ payload: JSONValue, received: Timestamp) -> SlackEventDraft? {
        guard let event = payload["event"], let type = event["type"]?.stringValue,
            var draft = draft(of: event, type: type, received: received)
        else { return nil }
        draft.eventID = payload["event_id"]?.stringValue
        return draft
    }

    /// A message read from a channel's history, as an event of its own.
    package static func draft(ofHistory json: JSONValue, in channel: String, received: Timestamp) -> SlackEventDraft? {
        guard var object = json.objectValue else { return nil }
        object["channel"] = .string(channel)
        object["type"] = "message"
        return draft(of: .object(object), type: "message", received: received)
    }

    private static func draft(of event: JSONValue, type: String, received: Timestamp) -> SlackEventDraft? {
        switch type {
        case "message", "app_mention": return message(event, type: type)
        case "member_joined_channel": return ofChannel(event, .memberJoined, received)
        case "member_left_channel": return ofChannel(event, .memberLeft, received)
        case "channel_left", "group_left", "channel_deleted", "group_deleted":
            return ofChannel(event, .weLeft, received)
        case "channel_rename", "group_rename", "channel_archive", "group_archive", "channel_unarchive",
            "group_unarchive":
            return ofChannel(event, .channelChanged, received)
        case "user_change":
            guard let user = event["user"]?["id"]?.stringValue else { return nil }
            return SlackEventDraft(
                eventID: nil, kind: SlackEventKind.userChanged.rawValue, lane: "user/\(user)", body: event.text,
                at: received)
        default: return nil
        }
    }

    private static func message(_ event: JSONValue, type: String) -> SlackEventDraft? {
        var kind = SlackEventKind.message
        // What the event is about: an edit or a deletion is worked off after the message it is of.
        var subject: JSONValue? = event
        switch event["subtype"]?.stringValue {
        case "message_changed": (kind, subject) = (.edited, event["message"])
        case "message_deleted": (kind, subject) = (.deleted, event["previous_message"])
        default: break
        }
        let channel = event["channel"]?.stringValue
        guard let subject, let about = SlackUtterance(subject, channel: channel),
            let ts = event["ts"]?.stringValue.flatMap(SlackTimestamp.init)
        else { return nil }
        return SlackEventDraft(
            eventID: nil, kind: kind.rawValue, lane: lane(about.channel, about.conversationThread),
            channel: about.channel, ts: ts.text, body: event.text, at: ts.time, isFuller: type == "message")
    }

    private static func ofChannel(
        _ event: JSONValue, _ kind: SlackEventKind, _ received: Timestamp
    ) -> SlackEventDraft? {
        // Of a renamed channel there is an object.
        guard let channel = event["channel"]?.stringValue ?? event["channel"]?["id"]?.stringValue,
            SlackAddress.isIdentifier(channel)
        else { return nil }
        return SlackEventDraft(
            eventID: nil, kind: kind.rawValue, lane: channel + "/", body: event.text,
            at: event["event_ts"]?.stringValue.flatMap(SlackTimestamp.init)?.time ?? received)
    }

    /// As `slack_threads` knows it too: the channel, and the thread or nothing.
    static func lane(_ channel: String, _ thread: String) -> String { "\(channel)/\(thread)" }
}
