/// A cron expression as a person would say it, from what it does and not from how it is written.
struct CronWords {
    let expression: CronExpression

    /// `every weekday at 09:00`, `every 15 minutes from 08:00 to 17:59, on Mondays and Fridays`.
    var text: String {
        guard let times = clockTimes else { return frequency + (isEveryDay ? "" : ", " + days) }
        return "\(days) at \(times)"
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    private func values(_ bits: UInt64, _ range: ClosedRange<Int>) -> [Int] {
        range.filter { bits & 1 << UInt64($0) != 0 }
    }

    private var minutes: [Int] { values(expression.minutes, 0...59) }
    private var hours: [Int] { values(expression.hours, 0...23) }

    // MARK: Times

    /// Where they are few enough to be told one by one.
    private var clockTimes: String? {
        guard minutes.count * hours.count <= 4, hours.count < 24 else { return nil }
        let times = hours.flatMap { hour in minutes.map { "\(RFC3339.two(hour)):\(RFC3339.two($0))" } }
        return Self.list(times)
    }

    private var frequency: String {
        let everyHour = hours.count == 24
        if let step = Self.step(of: minutes, in: 60) {
            let often = step == 1 ? "every minute" : "every \(step) minutes"
            return everyHour ? often : "\(often) \(spans)"
        }
        if minutes.count == 1 {
            let place = minutes[0] == 0 ? "on the hour" : "at minute \(minutes[0])"
            if everyHour { return "every hour \(place)" }
            if let step = Self.step(of: hours, in: 24) { return "every \(step) hours \(place)" }
            return "\(place) of the hours \(Self.list(hours.map { RFC3339.two($0) }))"
        }
        let places = "at the minutes \(Self.list(minutes.map { String($0) }))"
        return everyHour
            ? "\(places) of every hour" : "\(places) of the hours \(Self.list(hours.map { RFC3339.two($0) }))"
    }

    /// `from 08:00 to 17:59`.
    private var spans: String {
        var runs: [(Int, Int)] = []
        for hour in hours {
            if let last = runs.last, last.1 == hour - 1 {
                runs[runs.count - 1].1 = hour
            } else {
                runs.append((hour, hour))
            }
        }
        return Self.list(runs.map { "from \(RFC3339.two($0.0)):00 to \(RFC3339.two($0.1)):59" })
    }

    /// `n` where the values are 0, n, 2n … and come round evenly.
    private static func step(of values: [Int], in whole: Int) -> Int? {
        guard values.count > 1, whole % values.count == 0 else { return nil }
        let step = whole / values.count
        return values == Array(stride(from: 0, to: whole, by: step)) ? step : nil
    }

    // MARK: Days

    private var isEveryDay: Bool {
        everyMonth && (expression.bothDays ? everyDayOfMonth && everyWeekday : everyDayOfMonth || everyWeekday)
    }
    private var everyMonth: Bool { values(expression.months, 1...12).count == 12 }
    private var everyDayOfMonth: Bool { values(expression.daysOfMonth, 1...31).count == 31 }
    private var everyWeekday: Bool { values(expression.daysOfWeek, 0...6).count == 7 }

    private var days: String {
        let inMonths =
            everyMonth ? "" : " in " + Self.list(values(expression.months, 1...12).map { Self.months[$0 - 1] })
        switch (everyDayOfMonth, everyWeekday) {
        case (true, true): return "every day" + inMonths
        case (true, false): return expression.bothDays ? weekdayWords + inMonths : "every day" + inMonths
        case (false, true): return expression.bothDays ? dateWords : "every day" + inMonths
        case (false, false):
            let names = Self.list(values(expression.daysOfWeek, 0...6).map { "a " + Self.weekdays[$0] }, last: "or")
            return expression.bothDays
                ? "\(dateWords), if it is \(names)," : "\(dateWords), and every day that is \(names)\(inMonths),"
        }
    }

    private var weekdayWords: String {
        let days = values(expression.daysOfWeek, 0...6)
        switch days {
        case [1, 2, 3, 4, 5]: return "every weekday"
        case _ where days.count == 1: return "every \(Self.weekdays[days[0]])"
        default:
            // The week begins on Monday, but for who sees only its numbers.
            let ordered = days.filter { $0 > 0 } + days.filter { $0 == 0 }
            return "on " + Self.list(ordered.map { Self.weekdays[$0] + "s" })
        }
    }

    private var dateWords: String {
        let days = Self.list(values(expression.daysOfMonth, 1...31).map(Self.ordinal))
        guard !everyMonth else { return "on the \(days) of every month" }
        return "on the \(days) of \(Self.list(values(expression.months, 1...12).map { Self.months[$0 - 1] }))"
    }

    static func ordinal(_ number: Int) -> String {
        let ending =
            switch (number % 10, number / 10) {
            case (1, 0), (1, 2), (1, 3): "st"
            case (2, 0), (2, 2): "nd"
            case (3, 0), (3, 2): "rd"
            default: "th"
            }
        return "\(number)\(ending)"
    }

    static func list(_ items: [String], last word: String = "and") -> String {
        items.count < 2
            ? items.joined() : items.dropLast().joined(separator: ", ") + " \(word) " + items[items.count - 1]
    }

    static func monthName(_ month: Int) -> String { months[month - 1] }
}
