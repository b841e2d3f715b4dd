package import MCP

/// Something Slack tells the app: the same whether it came over Socket Mode or by HTTP.
package struct SlackEnvelope: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Something was said, somebody came or went.
        case event = "events_api"
        /// A button, a modal, a shortcut.
        case interaction = "interactive"
        case command = "slash_commands"
    }

    package struct Retry: Hashable, Sendable {
        /// 1 for the first repetition.
        package let attempt: Int
        package let reason: String

        package init(attempt: Int, reason: String) {
            self.attempt = attempt
            self.reason = reason
        }
    }

    package let kind: Kind
    package let payload: JSONObject
    /// Of Socket Mode, by which it is acknowledged; nil by HTTP.
    package let id: String?
    /// Nil the first time.
    package let retry: Retry?
    /// Whether the acknowledgement may carry an answer.
    package let takesAnswer: Bool

    package init(
        _ kind: Kind, payload: JSONObject, id: String? = nil, retry: Retry? = nil, takesAnswer: Bool = false
    ) {
        self.kind = kind
        self.payload = payload
        self.id = id
        self.retry = retry
        self.takesAnswer = takesAnswer
    }

    /// The same at every repetition of an event. Interactions and commands have none: they are not repeated.
    package var eventID: String? { payload["event_id"]?.stringValue }
    /// What happened, of an event.
    package var event: JSONObject? { payload["event"]?.objectValue }
    /// The workspace it comes from.
    package var teamID: String? { payload["team_id"]?.stringValue ?? payload["team"]?["id"]?.stringValue }
    package var appID: String? { payload["api_app_id"]?.stringValue }
}
