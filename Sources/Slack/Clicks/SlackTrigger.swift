package import Model

/// What lets a window be opened: Slack gives it with a click, for one window, within three seconds.
package struct SlackTrigger: Sendable, Hashable {
    package let id: String
    /// When the click came here.
    package let received: Timestamp

    /// How long it is used: Slack's three seconds, less the way there.
    package static let patience: Duration = .milliseconds(2_500)

    package init(id: String, received: Timestamp) {
        self.id = id
        self.received = received
    }
}
