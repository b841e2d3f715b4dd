import Model
import Scheduler
import Testing

@Suite struct AlertTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    private func ago(_ minutes: Int64) -> Timestamp { Timestamp(milliseconds: now.milliseconds - minutes * 60_000) }

    @Test func whatIsWellRaisesNothing() {
        let health = Health(
            lastTick: ago(1), oldestRun: ago(10), oldestMessage: ago(14), freeBytes: 3 << 30, spentToday: 1_900_000,
            usualSpend: 1_000_000)
        #expect(health.alerts(AlertLimits(), now: now).isEmpty)
        // Much of little is little.
        #expect(Health(spentToday: 900_000, usualSpend: 10).alerts(AlertLimits(), now: now).isEmpty)
    }

    @Test(arguments: [
        ("audit", "critical"), ("engine", "critical"), ("disk", "warning"), ("disk full", "critical"),
        ("scheduler", "critical"),
        ("runs", "warning"), ("messages", "warning"), ("deliveries", "warning"), ("task report", "warning"),
        ("spend", "warning"),
    ])
    func eachTroubleRaisesItsOwnAlert(key: String, severity: String) {
        var health = Health()
        switch key {
        case "audit": health.auditProblem = "read-only"
        case "engine": health.engineProblem = "no socket"
        case "disk": health.freeBytes = 1 << 30
        case "disk full": health.freeBytes = 100 << 20
        case "scheduler": health.lastTick = ago(16)
        case "runs": health.oldestRun = ago(16)
        case "messages": health.oldestMessage = ago(16)
        case "deliveries": health.oldestDelivery = ago(16)
        case "spend": (health.spentToday, health.usualSpend) = (2_100_000, 1_000_000)
        default: health.failedTasks = ["report"]
        }
        let alerts = health.alerts(AlertLimits(), now: now)
        #expect(alerts.map(\.key) == [key == "disk full" ? "disk" : key])
        #expect(alerts.first?.severity.rawValue == severity)
    }

    @Test func anAlertIsToldOnceThenAfterTheCooldownThenItsEnd() {
        var board = AlertBoard()
        let limits = AlertLimits()
        let alerts = Health(engineProblem: "gone").alerts(limits, now: now)
        func news(_ alerts: [Alert], _ minutes: Int64) -> [AlertBoard.News] {
            board.news(alerts, limits, now: Timestamp(milliseconds: now.milliseconds + minutes * 60_000))
        }
        #expect(news(alerts, 0) == [.raised(alerts[0])])
        #expect(news(alerts, 1).isEmpty)
        #expect(news(alerts, 6 * 60 + 1) == [.raised(alerts[0])])
        #expect(news([], 6 * 60 + 2) == [.ended(alerts[0])])
        #expect(news([], 6 * 60 + 3).isEmpty)
        #expect(news(alerts, 6 * 60 + 4) == [.raised(alerts[0])])
    }

    @Test func whatGetsWorseIsToldAtOnce() {
        var board = AlertBoard()
        let limits = AlertLimits()
        _ = board.news(Health(freeBytes: 1 << 30).alerts(limits, now: now), limits, now: now)
        let worse = Health(freeBytes: 1 << 20).alerts(limits, now: now)
        #expect(board.news(worse, limits, now: now) == [.raised(worse[0])])
    }
}
