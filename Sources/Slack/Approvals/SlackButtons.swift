package import Conversations
internal import Model
internal import SlackText
package import Store

/// The buttons that are about a turn or an answer.
package struct SlackButtons: Sendable {
    private let database: Database
    private let chat: any ChatService
    private let clicks: ClickAnswers

    package init(database: Database, chat: any ChatService, clicks: ClickAnswers) {
        self.database = database
        self.chat = chat
        self.clicks = clicks
    }

    /// Nothing for buttons that are about something else.
    package func clicked(_ click: SlackClick) async throws {
        try await clicks.act(click.user, at: click.address, isRepeated: click.isRepeated) { person in
            switch click.action {
            case .postAnswer: _ = try await chat.post(ClickAnswers.id(click.value), by: person)
            case .stop: try await stop(click, person)
            default: break
            }
        }
    }

    /// What it was clicked for, and nothing that came after it.
    private func stop(_ click: SlackClick, _ person: PersonID) async throws {
        let conversation: ConversationID = try ClickAnswers.id(click.value)
        if let turn = click.turn {
            let state = try await database.message(turn)?.state
            guard state == .pending || state == .taken else { throw ChatError(.conflict, "That is over already.") }
        } else if click.isRepeated {
            throw ChatError(
                .unavailable, "I was interrupted while I stopped it. Please look whether it still runs, and press Stop."
            )
        }
        try await chat.cancel(conversation, by: person)
    }
}
