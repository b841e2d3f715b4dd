package import Model
package import Schedules

/// From when until when (not included) what is spent counts against a budget.
package struct BudgetWindow: Hashable, Sendable {
    package var start: Timestamp
    /// When money returns by itself; `nil` for a run, which has one budget for all of its life.
    package var end: Timestamp?

    /// The one that `time` lies in.
    package init(_ period: BudgetPeriod, at time: Timestamp, in zone: Zone) {
        let today = CivilDay(number: Self.day(of: time, in: zone))
        let first: CivilDay
        let next: CivilDay
        switch period {
        case .run:
            start = Timestamp(milliseconds: 0)
            return
        case .day:
            first = today
            next = CivilDay(number: today.number + 1)
        case .week:
            // Monday; a civil day's 0 is Sunday.
            first = CivilDay(number: today.number - (today.weekday + 6) % 7)
            next = CivilDay(number: first.number + 7)
        case .month:
            first = CivilDay(year: today.year, month: today.month, day: 1)
            next =
                today.month == 12
                ? CivilDay(year: today.year + 1, month: 1, day: 1)
                : CivilDay(year: today.year, month: today.month + 1, day: 1)
        }
        start = Self.midnight(first, near: time, in: zone)
        end = Self.midnight(next, near: time, in: zone)
    }

    /// Of the day's beginning on the zone's clocks; where they skip midnight, when they do.
    static func midnight(_ day: CivilDay, near time: Timestamp, in zone: Zone) -> Timestamp {
        let local = Int64(day.number) * 86_400
        var offset = zone.offset(at: time)
        // The second look is for a day whose clocks change between its midnight and `time`.
        for _ in 0..<2 { offset = zone.offset(at: Timestamp(milliseconds: (local - Int64(offset)) * 1000)) }
        return Timestamp(milliseconds: (local - Int64(offset)) * 1000)
    }

    private static func day(of time: Timestamp, in zone: Zone) -> Int {
        let seconds = (Double(time.milliseconds) / 1000).rounded(.down) + Double(zone.offset(at: time))
        return Int((seconds / 86_400).rounded(.down))
    }
}
