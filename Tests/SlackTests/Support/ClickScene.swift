import Audit
import Conversations
import Foundation
import Logging
import MCP
import Model
import Slack
import SlackAPI
import SlackText
import Store
import Testing

/// Ada, Ben and Cleo with questions to them, and everything that Slack's buttons do, over a real store.
final class ClickScene: Sendable {
    let scene: ApprovalScene
    let service: ConversationService
    /// Beside the real time.
    let ahead = Mutexed<Duration>(.zero)
    /// Whom to fail over, once for each.
    let failures = Mutexed<[SlackError]>([])
    /// Accounts that nobody gets to know: who is asked about them waits.
    let unanswered = Mutexed<Set<String>>([])
    let words: ClickAnswers
    let deeds: SlackDeeds
    private let people: [String: PersonID]

    var database: Database { scene.database }
    var slack: RememberingSlack { scene.slack }

    init() async throws {
        scene = try await ApprovalScene()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let directory = NSTemporaryDirectory() + "clicks-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        service = try await ConversationService.scripted(
            scene.database, agents: ScriptedAgents(), directory: directory, logger: logger)
        people = ["U0ADA": scene.ada, "U0BEN": scene.ben, "U0CLEO": scene.cleo]
        let time = SlackTime(
            now: { [ahead] in WallClock.system.now().advanced(by: ahead.value) }, sleep: SlackTime.system.sleep)
        words = ClickAnswers(slack: scene.slack, time: time, logger: logger) {
            [people, failures, unanswered] account in
            if unanswered.value.contains(account) { try await Task.sleep(for: .seconds(3600)) }
            if let failure = failures.take({ $0.isEmpty ? nil : $0.removeFirst() }) { throw failure }
            return people[account]
        }
        let approvals = SlackApprovals(
            database: scene.database, board: service, slack: scene.slack, clicks: words, logger: logger)
        let admissions = SlackAdmissions(
            database: scene.database, slack: scene.slack, clicks: words,
            effects: SlackAdmissions.Effects(record: { _, _, _, _ in }, shutOut: { _ in }), logger: logger)
        let book = StoredAnswers(database: scene.database, audit: try await AuditLog.open(scene.database))
        deeds = SlackDeeds(
            database: scene.database, approvals: approvals, admissions: admissions,
            buttons: SlackButtons(database: scene.database, chat: service, clicks: words),
            rated: SlackAnswers(book: book, clicks: words) { _, _ in },
            home: SlackHome(database: scene.database, chat: service, clicks: words, logger: logger) { _, _ in },
            asking: SlackAsking(clicks: words) { _ in }, clicks: words)
    }

    func clicks(
        _ options: SlackClicks.Options = SlackClicks.Options(), act: SlackClicks.Act? = nil
    ) -> SlackClicks {
        SlackClicks(
            database: database, options: options, words: words,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            act: act ?? { [deeds] in try await deeds.act($0) })
    }

    /// What Slack says when somebody presses the button that carries `value`, in the message at that place.
    static func payload(
        _ action: SlackAction, _ value: String, by user: String, in channel: String, _ ts: String, trigger: String
    ) -> JSONValue {
        [
            "type": "block_actions", "user": ["id": .string(user)], "trigger_id": .string(trigger),
            "container": ["type": "message", "channel_id": .string(channel), "message_ts": .string(ts)],
            "actions": [["action_id": .string(action.rawValue), "value": .string(value)]],
        ]
    }

    static func payload(
        _ action: SlackAction, _ value: String, by user: String, view: JSONValue, trigger: String
    ) -> JSONValue {
        [
            "type": "block_actions", "user": ["id": .string(user)], "trigger_id": .string(trigger),
            "container": ["type": "view"], "view": view,
            "actions": [["action_id": .string(action.rawValue), "value": .string(value)]],
        ]
    }

    /// A question and where its card stands.
    func card() async throws -> (id: ApprovalID, channel: String, ts: String) {
        let id = try await scene.question()
        await scene.approvals.sweep()
        let card = try #require(await slack.cards.last { $0.marker == id.rawValue })
        return (id, card.channel, card.ts.text)
    }

    /// Works off all that waits.
    func settle(_ clicks: SlackClicks) async throws {
        try await running(clicks) { scene in
            try await scene.until { try await $0.database.waitingSlackClicks() == 0 }
        }
    }

    func running(_ clicks: SlackClicks, _ body: (ClickScene) async throws -> Void) async throws {
        let running = Task { await clicks.run() }
        do { try await body(self) } catch {
            running.cancel()
            await running.value
            throw error
        }
        running.cancel()
        await running.value
    }

    func until(_ isSo: (ClickScene) async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !isSo(self) {
            try #require(ContinuousClock.now < deadline, "it never came to that")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    func state(_ id: ApprovalID) async throws -> ApprovalRecord.State? { try await scene.state(id) }
}
