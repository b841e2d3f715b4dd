package import Model

/// A cron expression: when the clocks of a zone show a time that is due. The language is that of Debian's cron
/// (`docs/schedules.md`): five fields or a nickname, day of month and day of week joined by *or* where both are restricted.
package struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// As it was written, without blanks at its ends.
    package let text: String
    /// Bit `n` is set where the value `n` is due. `daysOfWeek` has Sunday at 0 and at 7.
    let minutes: UInt64
    let hours: UInt64
    let daysOfMonth: UInt64
    let months: UInt64
    let daysOfWeek: UInt64
    /// Either day field begins with `*`: a day has to match both.
    let bothDays: Bool
    /// Minute or hour begins with `*`: by the real time that passes, not by what the clocks show.
    let followsRealTime: Bool

    /// - Throws: `ScheduleError` naming the field, what stands in it and what is allowed there.
    package init(_ text: String) throws(ScheduleError) {
        let fields = try CronParser.fields(of: text)
        self.text = text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        minutes = fields[0].bits
        hours = fields[1].bits
        daysOfMonth = fields[2].bits
        months = fields[3].bits
        daysOfWeek = fields[4].bits
        bothDays = fields[2].star || fields[4].star
        followsRealTime = fields[0].star || fields[1].star
        // Within 400 years the calendar has shown all it can show.
        guard firstMinute(atOrAfter: 0) != nil else {
            throw ScheduleError(
                "no month has such a day: \(ScheduleError.quoted(self.text)) would never run. "
                    + "February has 28 or 29 days; April, June, September and November have 30.")
        }
    }

    package var description: String { text }

    /// The first time after `time`, in the clocks of `zone`.
    ///
    /// What falls into hours that the clocks skip runs once, at the end of the gap. Where the clocks show an hour twice, it runs
    /// in the first; except that an expression whose minute or hour begins with `*` runs by the time that really passes.
    package func next(after time: Timestamp, in zone: Zone) -> Timestamp? {
        let second =
            followsRealTime ? nextReal(after: time.seconds, zone.rules) : nextShown(after: time.seconds, zone.rules)
        return second.map { Timestamp(seconds: $0) }
    }

    private func nextReal(after second: Int, _ rules: ZoneRules) -> Int? {
        var earliest = second + 1
        while true {
            let segment = rules.segment(at: earliest)
            guard let minute = firstMinute(atOrAfter: (earliest + segment.offset).dividedUp(by: 60)) else { return nil }
            let moment = minute * 60 - segment.offset
            if moment < segment.end { return moment }
            // Where the clocks go back, they show earlier minutes again: no stretch may be left out.
            earliest = segment.end
        }
    }

    private func nextShown(after second: Int, _ rules: ZoneRules) -> Int? {
        let segment = rules.segment(at: second)
        let shown = second + segment.offset
        var minute = shown.dividedDown(by: 60) + 1
        if let previous = rules.segment(before: segment) {
            // What the clocks show for the second time has run.
            minute = max(minute, (segment.start + previous.offset).dividedUp(by: 60))
        }
        while let match = firstMinute(atOrAfter: minute) {
            let moment = rules.firstMoment(showing: match * 60)
            if moment > second { return moment }
            minute = match + 1
        }
        return nil
    }

    // MARK: By what the clocks show

    /// The first minute at or after `minute` that matches; minutes since 1970-01-01T00:00 as the clocks show them.
    func firstMinute(atOrAfter minute: Int) -> Int? {
        let today = minute.dividedDown(by: 1440)
        if days(inMonthOf: CivilDay(number: today)) & 1 << UInt64(CivilDay(number: today).day) != 0,
            let found = firstMinute(ofDayAtOrAfter: minute - today * 1440)
        {
            return today * 1440 + found
        }
        guard let day = firstDay(atOrAfter: today + 1), let found = firstMinute(ofDayAtOrAfter: 0) else { return nil }
        return day * 1440 + found
    }

    private func firstMinute(ofDayAtOrAfter minute: Int) -> Int? {
        let hour = minute / 60
        if hours & 1 << UInt64(hour) != 0, let found = minutes.firstBit(atOrAfter: minute % 60) {
            return hour * 60 + found
        }
        guard let later = hours.firstBit(atOrAfter: hour + 1), let found = minutes.firstBit(atOrAfter: 0) else {
            return nil
        }
        return later * 60 + found
    }

    /// Month by month, and never further than the 400 years after which the calendar repeats.
    private func firstDay(atOrAfter number: Int) -> Int? {
        let start = CivilDay(number: number)
        var (year, month, day) = (start.year, start.month, start.day)
        while year <= start.year + 400 {
            guard let wanted = months.firstBit(atOrAfter: month) else {
                (year, month, day) = (year + 1, 1, 1)
                continue
            }
            if wanted != month { (month, day) = (wanted, 1) }
            let first = CivilDay(year: year, month: month, day: 1)
            if let found = days(inMonthOf: first).firstBit(atOrAfter: day) { return first.number + found - 1 }
            (month, day) = (month + 1, 1)
        }
        return nil
    }

    /// The days of a month that match, as bits 1…31; none where the month does not.
    private func days(inMonthOf day: CivilDay) -> UInt64 {
        guard months & 1 << UInt64(day.month) != 0 else { return 0 }
        let length = UInt64(CivilDay.count(inMonth: day.month, of: day.year))
        let existing: UInt64 = (1 << (length + 1)) - 2
        // The days of the week, turned so that the month's first day comes first, then repeated for five weeks.
        let first = UInt64(CivilDay(year: day.year, month: day.month, day: 1).weekday)
        let week = daysOfWeek & 0x7F
        let turned = (week >> first | week << (7 - first)) & 0x7F
        let byWeekday = (turned | turned << 7 | turned << 14 | turned << 21 | turned << 28) << 1
        return existing & (bothDays ? daysOfMonth & byWeekday : daysOfMonth | byWeekday)
    }
}

extension UInt64 {
    /// The lowest bit set at or above `place`.
    fileprivate func firstBit(atOrAfter place: Int) -> Int? {
        guard place < 64 else { return nil }
        let rest = (self >> UInt64(place)) << UInt64(place)
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}

extension CronExpression: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
