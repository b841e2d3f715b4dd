import Budgets
import Model
import Schedules
import Testing

@Suite struct BudgetWindowTests {
    private static func time(_ text: String) throws -> Timestamp {
        // `2026-03-29 12:00` in UTC.
        let parts = text.split { " -:".contains($0) }.compactMap { Int($0) }
        let day = CivilDay(year: parts[0], month: parts[1], day: parts[2])
        return Timestamp(milliseconds: Int64(day.number * 86_400 + parts[3] * 3600 + parts[4] * 60) * 1000)
    }

    @Test(arguments: [
        // Clocks go forward on the 29th: that day has 23 hours.
        (BudgetPeriod.day, "Europe/Berlin", "2026-03-29 12:00", "2026-03-28 23:00", "2026-03-29 22:00"),
        (.day, "Europe/Berlin", "2026-03-29 00:30", "2026-03-28 23:00", "2026-03-29 22:00"),
        (.day, "Europe/Berlin", "2026-03-28 23:00", "2026-03-28 23:00", "2026-03-29 22:00"),
        (.day, "Europe/Berlin", "2026-03-28 22:59", "2026-03-27 23:00", "2026-03-28 23:00"),
        // And back on the 25th of October.
        (.day, "Europe/Berlin", "2026-10-25 20:00", "2026-10-24 22:00", "2026-10-25 23:00"),
        (.day, "UTC", "2026-11-30 23:59", "2026-11-30 00:00", "2026-12-01 00:00"),
        (.day, "Asia/Kathmandu", "2026-11-30 12:00", "2026-11-29 18:15", "2026-11-30 18:15"),
        // A Monday.
        (.week, "UTC", "2026-11-30 00:00", "2026-11-30 00:00", "2026-12-07 00:00"),
        (.week, "UTC", "2026-11-29 23:59", "2026-11-23 00:00", "2026-11-30 00:00"),
        (.month, "UTC", "2026-12-31 12:00", "2026-12-01 00:00", "2027-01-01 00:00"),
        (.month, "America/New_York", "2026-03-01 03:00", "2026-02-01 05:00", "2026-03-01 05:00"),
        (.month, "America/New_York", "2026-03-20 03:00", "2026-03-01 05:00", "2026-04-01 04:00"),
    ])
    func aPeriodBeginsAtTheZonesMidnight(
        period: BudgetPeriod, zone: String, now: String, start: String, end: String
    ) throws {
        let window = BudgetWindow(period, at: try Self.time(now), in: try Zone(zone))
        #expect(window.start == (try Self.time(start)), "\(window.start.rfc3339)")
        #expect(window.end == (try Self.time(end)), "\(window.end?.rfc3339 ?? "never")")
    }

    @Test func aRunHasOneBudgetForAllOfItsLife() throws {
        let window = BudgetWindow(.run, at: try Self.time("2026-11-30 12:00"), in: .utc)
        #expect(window.start.milliseconds == 0 && window.end == nil)
    }

    /// Each moment is in the window that it begins, for years of a zone that changes its clocks.
    @Test func windowsFollowEachOtherWithoutGapOrOverlap() throws {
        for name in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"] {
            let zone = try Zone(name)
            for period in [BudgetPeriod.day, .week, .month] {
                var window = BudgetWindow(period, at: try Self.time("2025-12-31 12:00"), in: zone)
                for _ in 0..<400 {
                    let end = try #require(window.end)
                    let next = BudgetWindow(period, at: end, in: zone)
                    #expect(next.start == end, "\(name) \(period) \(end.rfc3339) \(next.start.rfc3339)")
                    let last = BudgetWindow(period, at: Timestamp(milliseconds: end.milliseconds - 1), in: zone)
                    #expect(last == window, "\(name) \(period) \(end.rfc3339)")
                    #expect(end.milliseconds % 900_000 == 0)
                    window = next
                }
            }
        }
    }
}
