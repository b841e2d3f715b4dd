extension CronExpression {
    /// `every weekday at 09:00`.
    package var words: String { CronWords(expression: self).text }
}

extension Schedule {
    /// For people: `every weekday at 09:00, Europe/Berlin`; `every 90 minutes`; `once on 1 December 2026 at 09:00, Europe/Berlin`.
    package var words: String {
        switch self {
        case .cron(let expression, let zone): return "\(expression.words), \(zone)"
        case .interval(let interval): return interval.words
        case .once(let at, let zone):
            let shown = at.seconds + zone.offset(at: at)
            let day = CivilDay(number: shown.dividedDown(by: 86_400))
            let minute = (shown - shown.dividedDown(by: 86_400) * 86_400) / 60
            return "once on \(day.day) \(CronWords.monthName(day.month)) \(day.year) at "
                + "\(RFC3339.two(minute / 60)):\(RFC3339.two(minute % 60)), \(zone)"
        case .event(let trigger): return trigger.words
        }
    }
}

extension Schedule.Interval {
    fileprivate var words: String {
        for (length, one, many) in [(86_400, "day", "days"), (3600, "hour", "hours"), (60, "minute", "minutes")]
        where seconds % length == 0 {
            return seconds == length ? "every \(one)" : "every \(seconds / length) \(many)"
        }
        return "every \(seconds) seconds"
    }
}

extension EventTrigger {
    fileprivate var words: String {
        switch self {
        case .webhook: return "when its webhook is called"
        case .message(let channel, let pattern): return "when a message in \(channel) contains “\(pattern)”"
        case .task(let task, let outcomes):
            if outcomes.count == Outcome.allCases.count { return "when a run of task \(task) ends" }
            return "when a run of task \(task) \(outcomes == [.failed] ? "fails" : "succeeds")"
        }
    }
}
