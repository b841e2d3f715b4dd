internal import Conversations
internal import Harness
internal import Model
internal import Scheduler
internal import Settings
internal import Slack
internal import Store

/// What of the settings takes effect without a restart.
package struct Tunable: Sendable {
    let people: Reloadable<PeopleSettings>
    let limits: Reloadable<ConversationLimits>
    let gateLimits: Reloadable<GateLimits>
    let scheduler: Reloadable<SchedulerLimits>
    let slack: Reloadable<SlackSettings>
    let slackOptions: Reloadable<SlackInboundOptions>

    init(_ settings: Settings) {
        people = Reloadable(settings.people)
        limits = Reloadable(Self.limits(settings))
        gateLimits = Reloadable(Self.gateLimits(settings))
        scheduler = Reloadable(Self.scheduler(settings))
        slack = Reloadable(settings.slack)
        slackOptions = Reloadable(SlackInboundOptions(settings))
    }

    func apply(_ settings: Settings) {
        people.replace(with: settings.people)
        limits.replace(with: Self.limits(settings))
        gateLimits.replace(with: Self.gateLimits(settings))
        scheduler.replace(with: Self.scheduler(settings))
        slack.replace(with: settings.slack)
        slackOptions.replace(with: SlackInboundOptions(settings))
    }

    private static func limits(_ settings: Settings) -> ConversationLimits {
        var limits = ConversationLimits()
        limits.messageBytes = settings.messages.maximumBytes
        limits.queuedMessages = settings.messages.queued
        limits.fileBytes = settings.uploads.fileBytes
        limits.attachmentsPerMessage = settings.uploads.perMessage
        limits.idle = settings.session.idleEnd
        limits.modelCallsPerTurn = settings.session.maximumTurns
        limits.outputTokens = settings.session.maximumOutputTokens
        limits.approval = settings.session.approvalExpires
        limits.approvalHold = settings.approvals.hold
        limits.approvalReminder = settings.approvals.reminder
        limits.sessions = settings.containers.maximum
        limits.keptResultBytes = settings.tools.keptBytes
        limits.undo.keep = settings.tools.undoKept
        limits.undo.totalBytes = Int64(settings.tools.undoBytes)
        limits.undo.conversationBytes = Int64(settings.tools.undoBytes / 16)
        return limits
    }

    private static func scheduler(_ settings: Settings) -> SchedulerLimits {
        var limits = SchedulerLimits()
        limits.tasksPerPerson = settings.tasks.perPerson
        limits.runs = settings.tasks.runs
        limits.runsPerPerson = settings.tasks.runsPerPerson
        limits.failures = settings.tasks.failures
        return limits
    }

    private static func gateLimits(_ settings: Settings) -> GateLimits {
        var limits = GateLimits()
        limits.callDeadline = settings.tools.timeout
        limits.resultBytes = settings.tools.resultBytes
        limits.headBytes = settings.tools.resultBytes / 2
        limits.tailBytes = settings.tools.resultBytes / 6
        return limits
    }
}
