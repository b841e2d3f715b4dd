package import MCP
package import Model
package import SlackText

/// Somebody used a button of ours. Everything in it is a claim but the user and the message, which Slack has told us.
package struct SlackClick: Sendable, Hashable {
    /// Where the button is.
    package enum Place: Sendable, Hashable {
        /// In a message there, which has that time stamp.
        case message(SlackAddress, SlackTimestamp)
        /// In the user's Home tab.
        case home
        /// In a modal of ours, which is about that.
        case modal(String)
    }

    package var action: SlackAction
    /// The id that the button carried.
    package var value: String
    package var user: String
    package var place: Place
    package var trigger: SlackTrigger
    /// It was begun before, and perhaps done.
    package var isRepeated: Bool
    /// The turn whose progress the message shows: what is kept of it, not what the click says.
    package var turn: MessageID?

    package init(
        action: SlackAction, value: String, user: String, place: Place, trigger: SlackTrigger, isRepeated: Bool = false
    ) {
        self.action = action
        self.value = value
        self.user = user
        self.place = place
        self.trigger = trigger
        self.isRepeated = isRepeated
    }

    /// Where whoever clicked is to be told of it; `nil`: in private.
    package var address: SlackAddress? {
        if case .message(let address, _) = place { address } else { nil }
    }

    /// The clicks of a `block_actions` payload, in order; none that is not one of ours.
    package static func all(in payload: JSONValue, received: Timestamp, isRepeated: Bool = false) -> [SlackClick] {
        guard payload["type"]?.stringValue == "block_actions", let user = payload["user"]?["id"]?.stringValue,
            SlackAddress.isIdentifier(user), let place = place(of: payload)
        else { return [] }
        let trigger = SlackTrigger(id: payload["trigger_id"]?.stringValue ?? "", received: received)
        return (payload["actions"]?.arrayValue ?? []).compactMap { entry in
            guard let action = SlackAction(rawValue: entry["action_id"]?.stringValue ?? ""),
                let value = entry["value"]?.stringValue
            else { return nil }
            return SlackClick(
                action: action, value: value, user: user, place: place, trigger: trigger, isRepeated: isRepeated)
        }
    }

    private static func place(of payload: JSONValue) -> Place? {
        if let view = payload["view"]?.objectValue {
            switch view["type"]?.stringValue {
            case "home": return .home
            case "modal": return .modal(view["private_metadata"]?.stringValue ?? "")
            default: return nil
            }
        }
        let container = payload["container"]
        guard let channel = container?["channel_id"]?.stringValue, SlackAddress.isIdentifier(channel),
            let ts = container?["message_ts"]?.stringValue.flatMap(SlackTimestamp.init)
        else { return nil }
        let thread = container?["thread_ts"]?.stringValue ?? payload["message"]?["thread_ts"]?.stringValue
        return .message(SlackAddress(channel: channel, thread: thread.flatMap { SlackTimestamp($0) }), ts)
    }
}
