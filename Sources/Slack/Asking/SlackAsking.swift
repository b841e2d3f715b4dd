/// The shortcut on messages: its form, and what was asked with it.
package struct SlackAsking: Sendable {
    private let clicks: ClickAnswers
    private let question: @Sendable (SlackQuestion) async throws -> Void

    package init(clicks: ClickAnswers, ask question: @escaping @Sendable (SlackQuestion) async throws -> Void) {
        self.clicks = clicks
        self.question = question
    }

    /// Somebody chose it.
    package func open(_ shortcut: SlackShortcut) async throws {
        try await clicks.act(shortcut.user, at: nil) { _ in
            try await clicks.open(shortcut.form, by: shortcut.trigger)
        }
    }

    /// Its form was sent off; nothing for one in which nothing was asked.
    package func ask(_ form: SlackForm) async throws {
        guard let asked = SlackQuestion(form) else { return }
        try await clicks.act(asked.user, at: nil, isRepeated: form.isRepeated) { _ in try await question(asked) }
    }
}
