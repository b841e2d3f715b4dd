package import Model

/// When a task is due.
package enum Schedule: Hashable, Sendable {
    /// What the clocks of a zone show.
    case cron(CronExpression, Zone)
    /// Every so many seconds, counted from the anchor and not from the last run: it never drifts.
    case interval(Interval)
    /// One time; the zone is that in which people are told of it.
    case once(Timestamp, Zone)
    /// No time: something that happens.
    case event(EventTrigger)

    package struct Interval: Hashable, Sendable {
        /// A minute to a year, in seconds.
        package static let allowed = 60...31_622_400

        package let seconds: Int
        package let anchor: Timestamp

        /// - Throws: `ScheduleError` for an interval that is not allowed.
        package init(seconds: Int, anchor: Timestamp) throws(ScheduleError) {
            guard Self.allowed.contains(seconds) else {
                throw ScheduleError("an interval is at least 60 seconds and at most a year; this is \(seconds) seconds")
            }
            self.seconds = seconds
            self.anchor = anchor
        }
    }

    /// The first due time after `time`; `nil` where there is none any more, and for events.
    package func next(after time: Timestamp) -> Timestamp? {
        switch self {
        case .cron(let expression, let zone): expression.next(after: time, in: zone)
        case .interval(let interval): interval.next(after: time)
        case .once(let at, _): at > time ? at : nil
        case .event: nil
        }
    }

    /// The first `count` due times after `time`, fewer where there are no more.
    package func occurrences(from time: Timestamp, count: Int) -> [Timestamp] {
        var found: [Timestamp] = []
        var last = time
        while found.count < count, let next = next(after: last) {
            found.append(next)
            last = next
        }
        return found
    }

    /// The zone whose clocks decide, or in which people are told of it.
    package var zone: Zone? {
        switch self {
        case .cron(_, let zone), .once(_, let zone): zone
        case .interval, .event: nil
        }
    }

    /// Holds a schedule that somebody asks for against the present.
    /// - Throws: `ScheduleError` where it would never run, or only after ten years.
    package func check(now: Timestamp) throws(ScheduleError) {
        if case .event = self { return }
        if case .once(let at, let zone) = self, at <= now {
            throw ScheduleError(
                "\(RFC3339.string(at, in: zone)) is past: it is \(RFC3339.string(now, in: zone)) now. A task that runs once runs at a time to come."
            )
        }
        let horizon = now.advanced(by: .seconds(Self.horizonDays * 86_400))
        guard let first = next(after: now), case .cron = self else {
            guard let first = next(after: now), first <= horizon else { throw Self.tooFar }
            return
        }
        // A leap day that is a Sunday may be 40 years away, and is meant.
        guard first <= now.advanced(by: .seconds(41 * 366 * 86_400)) else { throw Self.tooFar }
    }

    private static let horizonDays = 3653
    private static var tooFar: ScheduleError { ScheduleError("its first run is more than ten years away") }
}

extension Schedule.Interval {
    func next(after time: Timestamp) -> Timestamp {
        let step = Int64(seconds) * 1000
        let (passed, overflow) = time.milliseconds.subtractingReportingOverflow(anchor.milliseconds)
        guard !overflow, passed >= 0 else { return anchor }
        return Timestamp(milliseconds: anchor.milliseconds + (passed / step + 1) * step)
    }
}
