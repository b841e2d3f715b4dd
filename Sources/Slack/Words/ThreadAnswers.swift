package import Conversations
package import Model

/// A line for each of somebody's tasks that are not over: what it is called, when it runs next, how it is.
package typealias TaskLines = @Sendable (PersonID) async throws -> [String]

/// Answers words that are for the machinery, in one or two sentences for whoever said them.
package struct ThreadAnswers: Sendable {
    let chat: any ChatService
    let tasks: TaskLines

    package init(chat: any ChatService, tasks: @escaping TaskLines = { _ in [] }) {
        self.chat = chat
        self.tasks = tasks
    }

    /// In a conversation that `person` reads. Throws `ChatError` where that is not so, or it may not be done.
    package func answer(
        _ word: SlackWord, in conversation: ConversationID, for person: PersonID
    ) async throws -> String {
        switch word {
        case .help: return Self.help
        case .tasks: return try await taskList(for: person)
        case .stop:
            let isRunning = try await chat.conversation(conversation, for: person).live != nil
            try await chat.cancel(conversation, by: person)
            return isRunning ? "Stopped." : "Nothing is under way here."
        case .status: return try await status(of: conversation, for: person)
        case .mode(nil):
            let mode = try await chat.conversation(conversation, for: person).summary.mode
            return
                "This conversation is in the mode “\(mode.title)”. `mode read only` or `mode ask` makes it more careful."
        case .mode(let mode?):
            try await chat.tighten(conversation, to: mode, by: person)
            return "From now on this conversation is in the mode “\(mode.title)”."
        }
    }

    func taskList(for person: PersonID) async throws -> String {
        let lines = try await tasks(person)
        guard !lines.isEmpty else { return "You have no tasks. Ask me to do something every Monday." }
        let rest = lines.count > 20 ? ["… and \(lines.count - 20) more"] : []
        return (["Your tasks:"] + lines.prefix(20).map { "• \($0)" } + rest).joined(separator: "\n")
    }

    private func status(of conversation: ConversationID, for person: PersonID) async throws -> String {
        let view = try await chat.conversation(conversation, for: person)
        let mode = "Mode: \(view.summary.mode.title)."
        guard let live = view.live else { return "Nothing is under way here. \(mode)" }
        let steps = live.tools.count == 1 ? "1 step" : "\(live.tools.count) steps"
        let waits =
            switch live.approvals.count {
            case 0: ""
            case 1: " One approval is waited for."
            default: " \(live.approvals.count) approvals are waited for."
            }
        return "I am working on it: \(steps) so far.\(waits) \(mode)"
    }

    static let help = """
        Mention me in a channel, or write to me directly, and say what you need; a thread is one conversation.
        • `stop` ends what I am doing, `status` says how far I am, `tasks` what I do for you by itself
        • `mode read only` lets me look but not change anything, `mode ask` has me ask before commands
        • I ask before anything that cannot be undone or that others would notice
        """
}
