package import Model

/// What is known of the daemon at one moment, as far as alerts go by it.
package struct Health: Sendable, Hashable {
    /// When the scheduler last looked through everything.
    package var lastTick: Timestamp?
    /// Of the run that has waited longest for its place.
    package var oldestRun: Timestamp?
    /// Of the message that has waited longest to be begun with.
    package var oldestMessage: Timestamp?
    /// Of what has waited longest to be carried to where it belongs.
    package var oldestDelivery: Timestamp?
    /// Names of tasks that are paused because they failed.
    package var failedTasks: [String]
    /// Of the disk the data directory is on; `nil`: not known.
    package var freeBytes: UInt64?
    /// Millionths of a US dollar in the last 24 hours.
    package var spentToday: Int64
    /// Millionths of a US dollar a day, over the seven days before those; `nil` where there are none.
    package var usualSpend: Int64?
    /// Why no sandbox can be made; `nil`: one can.
    package var engineProblem: String?
    /// Why nothing can be recorded; `nil`: it can.
    package var auditProblem: String?

    package init(
        lastTick: Timestamp? = nil, oldestRun: Timestamp? = nil, oldestMessage: Timestamp? = nil,
        oldestDelivery: Timestamp? = nil, failedTasks: [String] = [], freeBytes: UInt64? = nil, spentToday: Int64 = 0,
        usualSpend: Int64? = nil, engineProblem: String? = nil, auditProblem: String? = nil
    ) {
        self.lastTick = lastTick
        self.oldestRun = oldestRun
        self.oldestMessage = oldestMessage
        self.oldestDelivery = oldestDelivery
        self.failedTasks = failedTasks
        self.freeBytes = freeBytes
        self.spentToday = spentToday
        self.usualSpend = usualSpend
        self.engineProblem = engineProblem
        self.auditProblem = auditProblem
    }
}

/// When something is worth waking somebody.
package struct AlertLimits: Sendable {
    /// How long something may wait, or the scheduler not look.
    package var waiting: Duration = .seconds(15 * 60)
    package var freeBytes: UInt64 = 2 << 30
    /// Before the same alert is told again while it lasts.
    package var cooldown: Duration = .seconds(6 * 3600)

    package init() {}
}

package struct Alert: Sendable, Hashable {
    package enum Severity: String, Sendable { case warning, critical }

    /// The same for as long as it is the same trouble.
    package let key: String
    package let severity: Severity
    /// For an admin: what is wrong, and what to do.
    package let text: String
}

extension Health {
    package func alerts(_ limits: AlertLimits, now: Timestamp) -> [Alert] {
        var alerts: [Alert] = []
        func raise(_ key: String, _ severity: Alert.Severity, _ text: String) {
            alerts.append(Alert(key: key, severity: severity, text: text))
        }
        func age(_ time: Timestamp?) -> Int64? {
            guard let time, now.duration(since: time) > limits.waiting else { return nil }
            return now.duration(since: time).components.seconds / 60
        }
        if let auditProblem {
            raise(
                "audit", .critical,
                "The audit cannot be written, so nothing runs: \(auditProblem). See `bulkhead doctor`.")
        }
        if let engineProblem {
            raise("engine", .critical, "No sandbox can be made: \(engineProblem). See `bulkhead doctor`.")
        }
        if let freeBytes, freeBytes < limits.freeBytes {
            raise(
                "disk", freeBytes < limits.freeBytes / 4 ? .critical : .warning,
                "The disk of the data directory has \(freeBytes >> 20) MB left. Free some space before it is full.")
        }
        if let minutes = age(lastTick) {
            raise(
                "scheduler", .critical,
                "Nothing that is scheduled has begun for \(minutes) minutes. Look at the daemon's log.")
        }
        if let minutes = age(oldestRun) {
            raise(
                "runs", .warning,
                "A task's run has waited \(minutes) minutes for a place: raise `tasks.runs`, or see what is paused.")
        }
        if let minutes = age(oldestMessage) {
            raise(
                "messages", .warning,
                "A message has waited \(minutes) minutes to be answered: see `bulkhead sessions` and what is paused.")
        }
        if let minutes = age(oldestDelivery) {
            raise(
                "deliveries", .warning,
                "An answer has waited \(minutes) minutes to be delivered: see `bulkhead slack check`.")
        }
        for name in failedTasks.sorted() {
            raise("task \(name)", .warning, "The task \(name) is paused, because it failed again and again.")
        }
        // Small sums double easily.
        if let usualSpend, spentToday > 2 * usualSpend, spentToday > 1_000_000 {
            raise(
                "spend", .warning,
                "The models cost $\(spentToday / 1_000_000) in the last 24 hours, more than twice what a day cost before."
            )
        }
        return alerts
    }
}

/// What is told of alerts: each once when it begins, again after the cooldown while it lasts, and its end.
package struct AlertBoard: Sendable {
    private var told: [String: (at: Timestamp, alert: Alert)] = [:]

    package init() {}

    package enum News: Sendable, Hashable {
        case raised(Alert)
        case ended(Alert)
    }

    package mutating func news(_ alerts: [Alert], _ limits: AlertLimits, now: Timestamp) -> [News] {
        var news: [News] = []
        for alert in alerts {
            if let last = told[alert.key], now.duration(since: last.at) < limits.cooldown,
                last.alert.severity == alert.severity
            {
                continue
            }
            told[alert.key] = (now, alert)
            news.append(.raised(alert))
        }
        let lasting = Set(alerts.map(\.key))
        for (key, last) in told.sorted(by: { $0.key < $1.key }) where !lasting.contains(key) {
            told[key] = nil
            news.append(.ended(last.alert))
        }
        return news
    }
}
