package import Model
package import Schedules

/// Why no call is made: the accounts that have no room for it.
package struct BudgetShortage: Error, Hashable, Sendable {
    package var balances: [BudgetBalance]
    /// What the call may cost at most.
    package var needed: Int64
    package var zone: Zone

    /// `balances`: those without room; at least one.
    package init(_ balances: [BudgetBalance], needing microdollars: Int64, zone: Zone) {
        self.balances = balances
        needed = microdollars
        self.zone = zone
    }

    /// The one that has no room for the longest.
    private var worst: BudgetBalance? {
        balances.max { rank($0) < rank($1) }
    }

    private func rank(_ balance: BudgetBalance) -> Int64 {
        isTooSmall(balance) ? .max : balance.account.window.end?.milliseconds ?? .max - 1
    }

    /// Not even the whole of it would do.
    private func isTooSmall(_ balance: BudgetBalance) -> Bool { balance.limit(.hard).map { $0 < needed } ?? false }

    /// When money is there again by itself: once every one of them has begun anew. `nil` where one never does.
    package var returns: Timestamp? {
        var latest: Timestamp?
        for balance in balances {
            guard !isTooSmall(balance), let end = balance.account.window.end else { return nil }
            latest = max(latest ?? end, end)
        }
        return latest
    }

    /// One sentence, without what happens now: `The company's budget of $50 a day is used up`.
    package var sentence: String {
        guard let worst else { return "A budget is used up" }
        let budget = worst.account.inWords(.hard)
        if isTooSmall(worst) {
            return "\(budget) does not reach for a model call that may cost \(Dollars.text(needed))"
        }
        // What is left reaches for something, and not for this.
        let left = (worst.limit(.hard) ?? 0) - worst.taken
        return left > 0
            ? "\(budget) does not reach any more: \(Dollars.text(left)) are left, and the next model call may cost "
                + Dollars.text(needed)
            : "\(budget) is used up"
    }

    /// When money returns, as the end of a sentence: `at 00:00 (Europe/Berlin), or when an admin raises it`.
    package func returning(at now: Timestamp) -> String {
        guard let returns else { return "when an admin raises it" }
        return "\(Self.clock(returns, now: now, zone: zone)), or when an admin raises it"
    }

    /// `at 00:00 (UTC)`, `on Tue 1 Dec at 00:00 (UTC)`.
    static func clock(_ time: Timestamp, now: Timestamp, zone: Zone) -> String {
        func local(_ time: Timestamp) -> (day: Int, minute: Int64) {
            let seconds = (time.milliseconds / 1000) + Int64(zone.offset(at: time))
            let day = seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400)
            return (Int(day), (seconds - day * 86_400) / 60)
        }
        let (then, today) = (local(time), local(now))
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let hour = "at \(padded(then.minute / 60)):\(padded(then.minute % 60)) (\(zone.name))"
        // Midnight of tomorrow is what people call tonight.
        guard then.day > today.day + 1 else { return hour }
        let day = CivilDay(number: then.day)
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "on \(names[day.weekday]) \(day.day) \(months[day.month - 1]) \(hour)"
    }
}

extension BudgetAccount {
    /// `The company's budget of $50 a day`; without the amount where the level has none.
    package func inWords(_ level: BudgetLevel) -> String {
        let owner =
            switch budget.scope {
            case .company: "The company's budget"
            case .channel: "This channel's budget"
            case .person: "Your budget"
            case .task: "This task's budget"
            case .session: "This session's budget"
            }
        let amount = budget.limits[level].map { " of \(Dollars.text($0))" } ?? ""
        let period = budget.period == .run ? (budget.scope == .task ? " a run" : "") : " a \(budget.period.rawValue)"
        return owner + amount + period
    }
}
