import Model
import Schedules
import Testing

/// When an expression is due.
@Suite struct CronExpressionTests {
    /// The first times after `from`, in the clocks of `zone`, without their date where it is `from`'s.
    private static func next(_ expression: String, _ zone: String, _ from: String, _ count: Int) throws -> [String] {
        let zone = try Zone(zone)
        return Schedule.cron(try CronExpression(expression), zone)
            .occurrences(from: try RFC3339.time(from, in: zone), count: count).map { RFC3339.string($0, in: zone) }
    }

    @Test func whatIsDueComesAfterTheMomentItself() throws {
        #expect(
            try Self.next("0 9 * * 1-5", "Europe/Berlin", "2026-11-27T09:00", 2)
                == ["2026-11-30T09:00:00+01:00", "2026-12-01T09:00:00+01:00"])
        #expect(try Self.next("0 9 * * *", "UTC", "2026-11-30T08:59:59.999Z", 1) == ["2026-11-30T09:00:00+00:00"])
        #expect(try Self.next("*/15 * * * *", "UTC", "2026-11-30T23:59", 1) == ["2026-12-01T00:00:00+00:00"])
    }

    /// Both restricted: either. One beginning with `*`, with a step too: both.
    @Test func theTwoDayFields() throws {
        #expect(
            try Self.next("0 0 13 * fri", "UTC", "2026-11-01", 4).map { String($0.prefix(10)) }
                == ["2026-11-06", "2026-11-13", "2026-11-20", "2026-11-27"])
        #expect(
            try Self.next("0 0 */2 * sun", "UTC", "2026-11-01", 3).map { String($0.prefix(10)) }
                == ["2026-11-15", "2026-11-29", "2026-12-13"])
        #expect(
            try Self.next("0 0 29 2 */7", "UTC", "2026-11-01", 2).map { String($0.prefix(10)) }
                == ["2032-02-29", "2060-02-29"])
        // Over 2100, which is no leap year: 40 years from one to the next.
        #expect(
            try Self.next("0 0 29 2 */7", "UTC", "2088-03-01", 1).map { String($0.prefix(10)) } == ["2128-02-29"])
    }

    @Test func sundayIsBothZeroAndSeven() throws {
        for sunday in ["0", "7", "sun", "5-7", "0-1"] {
            let days = try Self.next("0 0 * * \(sunday)", "UTC", "2026-11-28T12:00", 1)
            #expect(days == ["2026-11-29T00:00:00+00:00"], "\(sunday)")
        }
    }

    @Test func nicknamesAreTheirFields() throws {
        for (nickname, fields) in [
            ("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
            ("@monthly", "0 0 1 * *"), ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"),
        ] {
            let start = "2026-03-28T00:30"
            #expect(
                try Self.next(nickname, "Europe/Berlin", start, 50) == Self.next(fields, "Europe/Berlin", start, 50))
        }
    }

    // MARK: Clocks that are changed

    @Test func aSkippedTimeRunsOnceAtTheEndOfTheGap() throws {
        for expression in ["30 2 * * *", "0,30 2 * * *", "0-59 2 * * *"] {
            let times = try Self.next(expression, "Europe/Berlin", "2026-03-29T00:00", 2)
            #expect(times[0] == "2026-03-29T03:00:00+02:00")
            #expect(times[1].hasPrefix("2026-03-30T02:"), "\(expression): \(times[1])")
        }
        // What is due at that moment anyhow does not run twice.
        #expect(
            try Self.next("30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00", 2)
                == ["2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"])
        #expect(
            try Self.next("0 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00", 2)
                == ["2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"])
        // Half an hour on Lord Howe Island; an hour at midnight, of which the day begins later.
        #expect(
            try Self.next("15 2 * * *", "Australia/Lord_Howe", "2026-10-04T00:00", 1) == ["2026-10-04T02:30:00+11:00"])
        #expect(
            try Self.next("0 0 * * sun", "America/Santiago", "2026-09-05T12:00", 1) == ["2026-09-06T01:00:00-03:00"])
    }

    @Test func aTimeShownTwiceRunsTheFirstTime() throws {
        #expect(
            try Self.next("30 2 * * *", "Europe/Berlin", "2026-10-25T00:00", 2)
                == ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"])
        #expect(
            try Self.next("0-59/30 1,2 * * *", "Europe/Berlin", "2026-10-25T02:15:00+02:00", 2)
                == ["2026-10-25T02:30:00+02:00", "2026-10-26T01:00:00+01:00"])
        // Asked in the second of the two hours.
        #expect(
            try Self.next("45 2 * * *", "Europe/Berlin", "2026-10-25T02:15:00+01:00", 1)
                == ["2026-10-26T02:45:00+01:00"])
        #expect(
            try Self.next("45 1 * * *", "Australia/Lord_Howe", "2026-04-05T01:30:00+11:00", 2)
                == ["2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"])
    }

    @Test func aStarInMinuteOrHourFollowsTheTimeThatPasses() throws {
        #expect(
            try Self.next("30 * * * *", "Europe/Berlin", "2026-10-25T01:45:00+02:00", 3) == [
                "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00",
            ])
        #expect(
            try Self.next("*/30 2 * * *", "Europe/Berlin", "2026-10-25T00:00", 4) == [
                "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00",
                "2026-10-25T02:30:00+01:00",
            ])
        // The second hour is met also where the next match of the first would be a day away.
        #expect(
            try Self.next("*/51 1 * * *", "Europe/Moscow", "2014-10-26T00:00", 4) == [
                "2014-10-26T01:00:00+04:00", "2014-10-26T01:51:00+04:00", "2014-10-26T01:00:00+03:00",
                "2014-10-26T01:51:00+03:00",
            ])
        #expect(
            try Self.next("*/30 2 * * *", "Europe/Berlin", "2026-03-29T00:00", 1) == ["2026-03-30T02:00:00+02:00"])
        #expect(
            try Self.next("0 */1 * * *", "Australia/Lord_Howe", "2026-10-04T01:30", 2)
                == ["2026-10-04T03:00:00+11:00", "2026-10-04T04:00:00+11:00"])
    }

    @Test func aDayThatASamoanCalendarLeftOut() throws {
        #expect(
            try Self.next("0 9 * * *", "Pacific/Apia", "2011-12-29T00:00", 3) == [
                "2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00",
            ])
        #expect(
            try Self.next("0 * * * *", "Pacific/Apia", "2011-12-29T22:30", 2)
                == ["2011-12-29T23:00:00-10:00", "2011-12-31T00:00:00+14:00"])
    }

    @Test func ramadanInMoroccoAndQuarterHoursInNepal() throws {
        // Clocks go back for Ramadan (15 February 2026) and forward after it.
        #expect(
            try Self.next("30 2 * * *", "Africa/Casablanca", "2026-02-15T00:00", 2)
                == ["2026-02-15T02:30:00+01:00", "2026-02-16T02:30:00+00:00"])
        #expect(try Self.next("0 9 * * *", "Asia/Kathmandu", "2026-06-01", 1) == ["2026-06-01T09:00:00+05:45"])
    }

    /// Long after the last year that zone files list.
    @Test func centuriesAhead() throws {
        #expect(
            try Self.next("30 2 * * *", "Europe/Berlin", "2399-03-28T00:00", 2)
                == ["2399-03-28T03:00:00+02:00", "2399-03-29T02:30:00+02:00"])
        #expect(try Self.next("0 0 1 1 *", "Europe/Berlin", "9998-06-01", 1).count == 1)
    }
}
