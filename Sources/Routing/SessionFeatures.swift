/// What the harness knows of the turn besides its text. Nothing in a text can set any of it.
package struct SessionFeatures: Hashable, Sendable {
    /// What kind of work it is.
    package enum Task: String, CaseIterable, Sendable {
        /// A person waits for the answer.
        case interactive
        /// Started by a schedule.
        case scheduled
        /// Was tried before with this tier and checked.
        case preflighted
    }

    package enum Place: String, CaseIterable, Sendable {
        case directMessage = "direct", room
    }

    package var task = Task.interactive
    package var place = Place.directMessage
    /// Files that came with the message.
    package var attachments = 0
    /// Messages before this one in the conversation.
    package var depth = 0
    /// Tool calls in this session so far, and those of them that failed.
    package var toolCalls = 0
    package var failedCalls = 0
    /// The score of the conversation's last message that stood for itself; a short follow-up goes on from it.
    package var previousScore: Double?
    /// The tier the person asked for, by a word of the surface, not in the text; and the dearest that policy gives them.
    package var requested: RouteTier?
    package var ceiling = RouteTier.best

    package init() {}
}
