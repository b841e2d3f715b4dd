package import MCP
package import SlackText

/// Somebody used a button in one of our messages. Everything in it is a claim but the user, whom Slack has told us.
package struct SlackClick: Sendable, Hashable {
    package var action: SlackAction
    /// The id that the button carried.
    package var value: String
    package var user: String
    /// Where the message is; `nil` for a click in a modal.
    package var address: SlackAddress?
    /// Good for one modal, for three seconds.
    package var trigger: String

    package init(action: SlackAction, value: String, user: String, address: SlackAddress?, trigger: String) {
        self.action = action
        self.value = value
        self.user = user
        self.address = address
        self.trigger = trigger
    }

    /// The clicks of a `block_actions` payload, in order; none that is not one of ours.
    package static func all(in payload: JSONValue) -> [SlackClick] {
        guard payload["type"]?.stringValue == "block_actions", let user = payload["user"]?["id"]?.stringValue,
            SlackAddress.isIdentifier(user)
        else { return [] }
        return (payload["actions"]?.arrayValue ?? []).compactMap { entry in
            guard let action = SlackAction(rawValue: entry["action_id"]?.stringValue ?? ""),
                let value = entry["value"]?.stringValue
            else { return nil }
            return SlackClick(
                action: action, value: value, user: user, address: address(of: payload),
                trigger: payload["trigger_id"]?.stringValue ?? "")
        }
    }

    private static func address(of payload: JSONValue) -> SlackAddress? {
        let container = payload["container"]
        guard let channel = container?["channel_id"]?.stringValue, SlackAddress.isIdentifier(channel) else {
            return nil
        }
        let thread = container?["thread_ts"]?.stringValue ?? payload["message"]?["thread_ts"]?.stringValue
        return SlackAddress(channel: channel, thread: thread.flatMap { SlackTimestamp($0) })
    }
}

/// Somebody sent off the modal that asks for a denial's reason.
package struct SlackDenial: Sendable, Hashable {
    package var approval: String
    package var user: String
    package var reason: String?

    /// `nil` where the payload is no such submission.
    package init?(_ payload: JSONValue) {
        guard payload["type"]?.stringValue == "view_submission", let user = payload["user"]?["id"]?.stringValue,
            SlackAddress.isIdentifier(user), let view = payload["view"],
            view["callback_id"]?.stringValue == SlackAction.denialForm.rawValue,
            let approval = view["private_metadata"]?.stringValue
        else { return nil }
        self.approval = approval
        self.user = user
        reason = SlackModals.reason(in: view)
    }
}
