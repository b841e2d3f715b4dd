package import Conversations
package import Logging
package import Model
package import Store

/// What the way in from Slack works with.
package struct SlackInboundParts: Sendable {
    package var database: Database
    package var conversations: ConversationService
    package var workspace: any SlackWorkspace
    package var people: any SlackPeople
    package var directory: SlackDirectory
    package let gap = SlackGap()
    package var options: Reloadable<SlackInboundOptions>
    package var tasks: TaskLines
    /// Told of each message that was taken; of none that is tried again.
    package var taken: @Sendable (SlackTakenMessage) -> Void
    package var clock: WallClock
    package var logger: Logger

    package init(
        database: Database, conversations: ConversationService, workspace: any SlackWorkspace,
        people: any SlackPeople, options: Reloadable<SlackInboundOptions> = Reloadable(SlackInboundOptions()),
        tasks: @escaping TaskLines = { _ in [] },
        taken: @escaping @Sendable (SlackTakenMessage) -> Void = { _ in }, clock: WallClock = .system, logger: Logger
    ) {
        self.database = database
        self.conversations = conversations
        self.workspace = workspace
        self.people = people
        directory = SlackDirectory(workspace, clock: clock)
        self.options = options
        self.tasks = tasks
        self.taken = taken
        self.clock = clock
        self.logger = logger
    }
}

/// What the operator decides, and limits.
package struct SlackInboundOptions: Sendable, Hashable {
    package var rules = EngagementRules()
    /// For channels that differ, by name or id.
    package var channels: [String: EngagementRules] = [:]
    /// What was said longer ago than this when it came here is not answered.
    package var catchUp = Duration.seconds(15 * 60)
    /// How far back it is looked for after a time without.
    package var reach = Duration.seconds(7 * 86_400)
    /// After this long without a word the next one in a direct conversation begins a new one.
    package var silence = Duration.seconds(4 * 3600)
    /// Of a thread that the assistant is called into it reads so much.
    package var seedLines = 50
    package var seedCharacters = 20_000
    package var joining = Joining.open
    /// How often it is asked who is in channels that are not public, beside what Slack tells of by itself; where that fails,
    /// again after a tenth of it.
    package var membersEvery = Duration.seconds(3000)
    package var fileBytes = 25 << 20
    package var filesPerMessage = 10
    /// Threads that are worked on at a time.
    package var parallel = 8
    /// Tries at one event before it is set aside.
    package var tries = 5
    /// Threads that are told, in ten minutes, that something in them was not answered.
    package var skipNotices = 20

    /// What happens in a channel that no admin has said anything about.
    package enum Joining: Sendable, Hashable {
        case open, allowlist, ask
    }

    package init() {}

    func rules(of channel: SlackChannelRecord?) -> EngagementRules {
        guard let channel else { return rules }
        return channels[channel.id] ?? channels[channel.name] ?? rules
    }
}
