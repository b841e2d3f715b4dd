package import Conversations
package import Logging
package import MCP
package import Model
package import Store

/// The way out to Slack, and what is shown of turns meanwhile: what the daemon runs.
package struct SlackOutbound: Sendable {
    package let life: SignsOfLife
    package let deliverer: Deliverer
    private let database: Database
    private let stop: StopSign
    private let logger: Logger

    /// `fileBytes`: the largest file that is carried. `render`: a line as Slack shows it. `show` tells people elsewhere
    /// of a line that is stored.
    package init(
        database: Database, slack: any SlackSending, hub: EventHub, chat: any ChatService,
        settings: LifeSettings = LifeSettings(),
        fileBytes: Int, time: SlackTime = .system, logger: Logger,
        face: @escaping DeliveryTools.Face = { _ in nil },
        render: @escaping DeliveryTools.Render = { RenderedEntry($0) },
        show: @escaping @Sendable ([MessageID]) async -> Void
    ) {
        self.database = database
        self.logger = logger
        stop = StopSign(database: database, chat: chat)
        life = SignsOfLife(
            database: database, slack: slack, hub: hub, settings: settings, time: time, logger: logger, face: face)
        deliverer = Deliverer(
            DeliveryTools(
                database: database, slack: slack, live: life, fileBytes: fileBytes, time: time, logger: logger,
                face: face, render: render), show: show)
    }

    /// Until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await life.run() }
            group.addTask { await deliverer.run() }
        }
    }

    /// Somebody put an emoji on a message (`event` of a `reaction_added`). A stop sign stops what is under way there, where
    /// its giver is somebody here; it is not kept, for what is under way at a crash has stopped.
    package func reacted(_ event: JSONValue) async {
        guard event["type"]?.stringValue == "reaction_added", let emoji = event["reaction"]?.stringValue,
            StopSign.emoji.contains(emoji), let user = event["user"]?.stringValue,
            let channel = event["item"]?["channel"]?.stringValue, let ts = event["item"]?["ts"]?.stringValue
        else { return }
        do {
            guard let person = try await database.account(user, on: HomeRecord.slack)?.person,
                try await database.person(person)?.isActive == true
            else { return }
            _ = try await stop.isShown(emoji, on: ts, in: channel, by: person)
        } catch {
            logger.debug("a stop sign was not obeyed", metadata: ["error": "\(error)"])
        }
    }

    /// How it stands, as the console and the doctor tell it: `waiting`, `oldest`, `failed` in two days, `refusal`, `problem`.
    package func status(at now: Timestamp) async throws -> JSONObject {
        let status = await deliverer.currentStatus()
        let since = now.advanced(by: .zero - DeliveryPatience().total)
        let outbox = try await database.outboxStatus(surface: HomeRecord.slack, failedSince: since)
        var object: JSONObject = [
            "waiting": .int(Int64(outbox.waiting)), "failed": .int(Int64(outbox.failed)),
        ]
        object["oldest"] = outbox.oldest.map { .string($0.rfc3339) }
        object["refusal"] = status.refusal.map { .string($0) }
        object["problem"] = status.lastError.map { .string($0) }
        return object
    }
}
