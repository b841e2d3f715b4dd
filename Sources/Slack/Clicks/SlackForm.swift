package import MCP
package import SlackText

/// Somebody sent off a modal of ours.
package struct SlackForm: Sendable, Hashable {
    package let action: SlackAction
    package var user: String
    /// What the modal is about, as it was made.
    package let subject: String
    /// `nil`: nothing was typed.
    package let words: String?
    /// The modal's own; empty where Slack does not tell.
    package let id: String
    /// It was begun before, and perhaps done.
    package let isRepeated: Bool

    private static let forms: Set<SlackAction> = [.denialForm, .feedbackForm, .questionForm]

    /// `nil` where the payload is no such submission, or with `action` one of another modal.
    package init?(_ payload: JSONValue, _ action: SlackAction? = nil, isRepeated: Bool = false) {
        guard payload["type"]?.stringValue == "view_submission", let user = payload["user"]?["id"]?.stringValue,
            SlackAddress.isIdentifier(user), let view = payload["view"],
            let form = view["callback_id"]?.stringValue.flatMap(SlackAction.init), Self.forms.contains(form),
            action ?? form == form, let subject = view["private_metadata"]?.stringValue
        else { return nil }
        self.action = form
        self.user = user
        self.subject = subject
        words = SlackModals.reason(in: view)
        id = view["id"]?.stringValue ?? ""
        self.isRepeated = isRepeated
    }
}
