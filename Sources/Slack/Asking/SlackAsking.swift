package import MCP

/// The shortcut on messages: its form, and what was asked with it.
package struct SlackAsking: Sendable {
    private let clicks: ClickAnswers
    private let shortcut: String
    private let ask: @Sendable (SlackQuestion) async throws -> Void

    /// `shortcut`: its name in the manifest.
    package init(
        clicks: ClickAnswers, shortcut: String, ask: @escaping @Sendable (SlackQuestion) async throws -> Void
    ) {
        self.clicks = clicks
        self.shortcut = shortcut
        self.ask = ask
    }

    /// Nothing for anything else.
    package func take(_ payload: JSONValue) async {
        if let chosen = SlackShortcut(payload, named: shortcut) {
            await clicks.act(chosen.user, at: nil) { _ in
                try await clicks.slack.open(chosen.form, trigger: chosen.trigger)
            }
        }
        if let question = SlackQuestion(payload) {
            await clicks.act(question.user, at: nil) { _ in try await ask(question) }
        }
    }
}
