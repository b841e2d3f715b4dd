package import Model

/// A message of Slack's that was taken, and waits for its answer now.
package struct SlackTakenMessage: Sendable, Hashable {
    package let channel: String
    package let ts: SlackTimestamp
    /// Who wrote it.
    package let user: String
    package let team: String
    package let message: MessageID
    package let conversation: ConversationID

    package init(
        channel: String, ts: SlackTimestamp, user: String, team: String, message: MessageID,
        conversation: ConversationID
    ) {
        self.channel = channel
        self.ts = ts
        self.user = user
        self.team = team
        self.message = message
        self.conversation = conversation
    }
}
