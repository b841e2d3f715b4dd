package import Conversations
package import Logging
package import MCP
internal import Model
internal import SlackText
package import Store

/// The app's Home tab: made when somebody opens it, and again when they did something in it.
package struct SlackHome: Sendable {
    private let database: Database
    private let chat: any ChatService
    private let clicks: ClickAnswers
    private let tasks: TaskLines
    private let publish: @Sendable (_ view: JSONObject, _ user: String) async throws -> Void
    private let logger: Logger

    package init(
        database: Database, chat: any ChatService, clicks: ClickAnswers, tasks: @escaping TaskLines = { _ in [] },
        logger: Logger, publish: @escaping @Sendable (_ view: JSONObject, _ user: String) async throws -> Void
    ) {
        self.database = database
        self.chat = chat
        self.clicks = clicks
        self.tasks = tasks
        self.publish = publish
        self.logger = logger
    }

    /// Of an `app_home_opened`; nothing for anything else.
    package func take(_ payload: JSONValue) async {
        if let event = payload["event"], event["type"]?.stringValue == "app_home_opened",
            event["tab"]?.stringValue ?? "home" == "home", let user = event["user"]?.stringValue
        {
            await show(user)
        }
    }

    /// Nothing for buttons that are about something else.
    package func clicked(_ click: SlackClick) async throws {
        guard click.action == .revokeGrant else { return }
        try await clicks.act(click.user, at: click.address, isRepeated: click.isRepeated) { person in
            try await chat.revokeGrant(try ClickAnswers.id(click.value), by: person)
        }
    }

    /// As it is now.
    func show(_ user: String) async {
        guard SlackAddress.isIdentifier(user) else { return }
        do {
            let view: JSONValue
            if let person = try await clicks.person(user) {
                view = try await self.view(for: person).json
            } else {
                view = HomeView.closed(
                    "I do not know who you are here. Ask whoever runs Bulkhead to let you in, or link your account: "
                        + "/bulkhead link CODE")
            }
            try await publish(view.objectValue ?? [:], user)
        } catch {
            logger.warning("a Home tab could not be shown", metadata: ["error": "\(error)"])
        }
    }

    private func view(for person: PersonID) async throws -> HomeView {
        var view = HomeView()
        view.approvals = try await chat.approvals(for: person).map(\.view).filter(\.isYours).map { ApprovalCard($0) }
        view.running = try await database.conversationsUnderWay(of: person).map {
            HomeView.Running(id: $0.id.rawValue, title: $0.title)
        }
        view.tasks = try await tasks(person)
        let name = try await chat.person(person).name
        view.grants = try await chat.grants(for: person).filter { $0.giver == name && $0.end == nil }.map { grant in
            HomeView.Grant(
                id: grant.id.rawValue,
                words:
                    "\(grant.tool) for \(grant.requester), \(Self.reach(of: grant)), until \(grant.expires.rfc3339.prefix(10))"
            )
        }
        let since = database.clock.now().advanced(by: .seconds(-30 * 86_400))
        let usage = try await database.modelUsage(of: person, since: since)
        view.usage =
            "\(usage.calls) model calls, \(usage.inputTokens + usage.outputTokens) tokens, "
            + AnswerSummary.dollars(usage.microdollars)
        view.help =
            "Write to me here, mention me in a channel, or use “Ask about this” on a message. /bulkhead help says more."
        return view
    }

    private static func reach(of grant: GrantView) -> String {
        switch grant.scope {
        case .conversation: "in one conversation in \(grant.channel)"
        case .channel: "in \(grant.channel)"
        case .company: "in the whole company"
        }
    }
}
