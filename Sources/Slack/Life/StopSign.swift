package import Conversations
package import Model
package import Store

/// A reaction by which people stop what is under way.
package struct StopSign: Sendable {
    package static let emoji: Set<String> = ["octagonal_sign", "stop_sign", "x"]

    private let database: Database
    private let chat: any ChatService

    package init(database: Database, chat: any ChatService) {
        self.database = database
        self.chat = chat
    }

    /// `person` put `emoji` on a message. True where that was a stop, in a conversation of ours; whether that person may
    /// stop it is the conversation's to say, and throws `ChatError`.
    package func isShown(
        _ emoji: String, on ts: String, in channel: String, by person: PersonID
    ) async throws -> Bool {
        guard Self.emoji.contains(emoji),
            let conversation = try await database.conversation(ofPostIn: channel, ts: ts)
        else { return false }
        try await chat.cancel(conversation, by: person)
        return true
    }
}
