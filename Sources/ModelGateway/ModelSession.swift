package import Model

/// Whose calls come through a door: everything a call is attributed to.
package struct ModelSession: Hashable, Sendable {
    package var session: SessionID
    package var conversation: ConversationID
    package var channel: ChannelID
    package var requester: PersonID

    package init(session: SessionID, conversation: ConversationID, channel: ChannelID, requester: PersonID) {
        self.session = session
        self.conversation = conversation
        self.channel = channel
        self.requester = requester
    }
}
