internal import Audit
internal import BrokerClient
internal import Conversations
internal import Logging
internal import MCP
internal import Model
internal import Scheduler
internal import Settings
internal import Sinks
internal import Store

/// Looks at the daemon once a minute: tells its owner and admins what is wrong, and an outside monitor that it is alive.
struct AlertWatch: Sendable {
    let database: Database
    let audit: AuditLog
    let scheduler: Scheduler
    let conversations: ConversationService
    let connect: @Sendable () throws -> BrokerClient
    let settings: @Sendable () -> AlertSettings
    let logger: Logger
    var pause = Duration.seconds(60)

    /// Until cancelled.
    func run() async {
        var board = AlertBoard()
        var heart: (url: String, beat: Heartbeat)?
        while !Task.isCancelled {
            let settings = settings()
            if heart?.url != settings.heartbeatURL {
                await heart?.beat.shutdown()
                heart =
                    settings.heartbeatURL.isEmpty
                    ? nil : (settings.heartbeatURL, Heartbeat(url: settings.heartbeatURL))
            }
            let limits = AlertLimits(settings)
            let alerts = await health().alerts(limits, now: database.clock.now())
            for news in board.news(alerts, limits, now: database.clock.now()) { await tell(news) }
            // What cannot do its work is not alive, whatever runs.
            if let heart, !alerts.contains(where: { $0.severity == .critical }) {
                do { try await heart.beat.beat() } catch {
                    logger.warning("the heartbeat was not heard", metadata: ["error": "\(error)"])
                }
            }
            try? await Task.sleep(for: pause)
        }
        await heart?.beat.shutdown()
    }

    private func health() async -> Health {
        var health = Health(lastTick: await scheduler.lastTick)
        do {
            let store = try await database.health()
            health.oldestRun = store.oldestRun
            health.oldestMessage = store.oldestMessage
            health.oldestDelivery = store.oldestDelivery
            health.failedTasks = store.failedTasks
            health.freeBytes = store.freeBytes
            health.spentToday = store.spentToday
            health.usualSpend = store.usualSpend
            _ = try await database.synchronous()
        } catch {
            health.auditProblem = "\(error)"
        }
        do {
            let client = try connect()
            defer { client.close() }
            _ = try await client.hello()
        } catch {
            health.engineProblem = "\(error)"
        }
        return health
    }

    /// In the log in any case: it needs neither database nor engine.
    private func tell(_ news: AlertBoard.News) async {
        let (event, alert) =
            switch news {
            case .raised(let alert): ("alert.raised", alert)
            case .ended(let alert): ("alert.ended", alert)
            }
        let isRaised = event == "alert.raised"
        logger.log(
            level: isRaised ? (alert.severity == .critical ? .critical : .error) : .notice,
            "\(isRaised ? "alert" : "alert ended"): \(alert.text)", metadata: ["alert": "\(alert.key)"])
        do {
            try await audit.event(
                event,
                details: [
                    "alert": .string(alert.key), "severity": .string(alert.severity.rawValue),
                    "text": .string(alert.text),
                ])
            let text = isRaised ? alert.text : "No longer: \(alert.text)"
            for person in try await database.people() where person.isActive && [.owner, .admin].contains(person.role) {
                try await conversations.tell(person.id, title: "Alerts", text: text)
            }
        } catch {
            logger.error("an alert could not be told", metadata: ["error": "\(error)"])
        }
    }
}

extension AlertLimits {
    init(_ settings: AlertSettings) {
        self.init()
        waiting = settings.waiting
        freeBytes = UInt64(settings.freeBytes)
        cooldown = settings.cooldown
    }
}
