package import Conversations
internal import SlackText

/// The buttons that are about a turn or an answer.
package struct SlackButtons: Sendable {
    private let chat: any ChatService
    private let clicks: ClickAnswers

    package init(chat: any ChatService, clicks: ClickAnswers) {
        self.chat = chat
        self.clicks = clicks
    }

    /// Nothing for buttons that are about something else.
    package func clicked(_ click: SlackClick) async {
        await clicks.act(click.user, at: click.address) { person in
            switch click.action {
            case .postAnswer: _ = try await chat.post(ClickAnswers.id(click.value), by: person)
            case .stop: try await chat.cancel(ClickAnswers.id(click.value), by: person)
            default: break
            }
        }
    }
}
