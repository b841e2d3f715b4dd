package import Model

/// An answer that only its requester has, and what that person may do with it: post it where it was asked for.
package struct PrivateAnswer: Sendable {
    /// In the direct channel.
    package var message: MessageID
    package var conversation: ConversationID
    /// Where it was asked for.
    package var thread: ConversationID
    package var channelName: String
    package var text: String
    package var at: Timestamp
    package var isPosted: Bool

    package init(
        message: MessageID, conversation: ConversationID, thread: ConversationID, channelName: String, text: String,
        at: Timestamp, isPosted: Bool
    ) {
        self.message = message
        self.conversation = conversation
        self.thread = thread
        self.channelName = channelName
        self.text = text
        self.at = at
        self.isPosted = isPosted
    }
}
