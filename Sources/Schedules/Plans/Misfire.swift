package import Model

/// What is done about due times that passed unattended: the daemon was down, or its host asleep.
package enum Misfire: Hashable, Sendable {
    /// The default: one run, for the latest of them.
    case runOnce
    /// None; the next due time is the next run.
    case skip
    /// The latest so many, one run each, oldest first.
    case runAll(limit: Int)

    package static let allowedLimit = 1...100

    /// A due time is on time for so long; whatever the policy, it runs.
    package static let grace = Duration.seconds(300)

    /// What to do now.
    package struct Plan: Hashable, Sendable {
        /// Due times for which a run begins, oldest first.
        package var run: [Timestamp]
        /// Due times for which none does, up to `countLimit`.
        package var skipped: Int
        /// There were more than were counted.
        package var skippedMore: Bool
        /// When to look again: after everything in `run`, and after `now`. `nil` where the series is over.
        package var next: Timestamp?

        package init(run: [Timestamp], skipped: Int, skippedMore: Bool, next: Timestamp? = nil) {
            self.run = run
            self.skipped = skipped
            self.skippedMore = skippedMore
            self.next = next
        }
    }

    /// Passed due times are counted up to here; a task due each minute had as many in 16 hours.
    package static let countLimit = 1000

    /// - Parameters:
    ///   - last: the latest due time that was dealt with, or when the task was made or resumed.
    ///   - now: the host's clock. Where it was set back before `last`, nothing runs until it is past that again: a due time is
    ///     dealt with once, whatever the clock says afterwards.
    package func plan(last: Timestamp, now: Timestamp, schedule: Schedule) -> Plan {
        guard let first = schedule.next(after: last) else { return Plan(run: [], skipped: 0, skippedMore: false) }
        guard first <= now else { return Plan(run: [], skipped: 0, skippedMore: false, next: first) }
        var run = latest(wanted, after: last, upTo: now, schedule)
        if self == .skip { run.removeAll { now.duration(since: $0) > Self.grace } }
        let (count, more) = Self.count(after: last, upTo: now, schedule)
        return Plan(
            run: run, skipped: max(0, count - run.count), skippedMore: more, next: schedule.next(after: now))
    }

    private var wanted: Int {
        switch self {
        case .runOnce, .skip: 1
        case .runAll(let limit): min(max(limit, Self.allowedLimit.lowerBound), Self.allowedLimit.upperBound)
        }
    }

    private func latest(_ count: Int, after: Timestamp, upTo now: Timestamp, _ schedule: Schedule) -> [Timestamp] {
        var found: [Timestamp] = []
        var end = now
        while found.count < count, let due = schedule.latest(after: after, upTo: end) {
            found.append(due)
            end = Timestamp(milliseconds: due.milliseconds - 1)
        }
        return found.reversed()
    }

    private static func count(after: Timestamp, upTo now: Timestamp, _ schedule: Schedule) -> (Int, more: Bool) {
        var (count, last) = (0, after)
        while let next = schedule.next(after: last), next <= now {
            guard count < countLimit else { return (count, true) }
            count += 1
            last = next
        }
        return (count, false)
    }
}

extension Schedule {
    /// The last due time in a stretch, found by halving it: a task due each minute may have been away for a year.
    package func latest(after start: Timestamp, upTo end: Timestamp) -> Timestamp? {
        guard var found = next(after: start), found <= end else { return nil }
        // No due time lies in (high, end].
        var high = end.milliseconds
        while found.milliseconds < high {
            let middle = found.milliseconds + (high - found.milliseconds) / 2
            if let later = next(after: Timestamp(milliseconds: middle)), later <= end {
                found = later
            } else if middle > found.milliseconds {
                high = middle
            } else {
                break
            }
        }
        return found
    }
}

/// `"runOnce"`, `"skip"`, `"runAll:20"`.
extension Misfire: Codable, CustomStringConvertible {
    package var description: String {
        switch self {
        case .runOnce: "runOnce"
        case .skip: "skip"
        case .runAll(let limit): "runAll:\(limit)"
        }
    }

    /// - Throws: `ScheduleError` for anything else than what `description` gives.
    package init(_ text: String) throws(ScheduleError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0], parts.count) {
        case ("runOnce", 1): self = .runOnce
        case ("skip", 1): self = .skip
        case ("runAll", 2):
            guard let limit = Int(parts[1]), Self.allowedLimit.contains(limit) else {
                throw ScheduleError("runAll:N takes 1 to 100 runs")
            }
            self = .runAll(limit: limit)
        default:
            throw ScheduleError("missed runs are skip, runOnce or runAll:N, not \(ScheduleError.quoted(text))")
        }
    }

    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
