import Model
import Schedules
import Testing

@Suite struct WordsTests {
    @Test(arguments: [
        ("0 9 * * 1-5", "every weekday at 09:00"), ("0 9 * * mon,tue,wed,thu,fri", "every weekday at 09:00"),
        ("30 8,17 * * *", "every day at 08:30 and 17:30"), ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"), ("0,15,30,45 * * * *", "every 15 minutes"),
        ("@hourly", "every hour on the hour"), ("5 * * * *", "every hour at minute 5"),
        ("0 */6 * * *", "every day at 00:00, 06:00, 12:00 and 18:00"), ("0 */2 * * *", "every 2 hours on the hour"),
        ("*/10 8-17 * * 1-5", "every 10 minutes from 08:00 to 17:59, every weekday"),
        ("*/10 8-9,14 * * *", "every 10 minutes from 08:00 to 09:59 and from 14:00 to 14:59"),
        ("7,9 * * * *", "at the minutes 7 and 9 of every hour"),
        ("*/40 1-3 * * *", "at the minutes 0 and 40 of the hours 01, 02 and 03"),
        ("0 0 * * 0", "every Sunday at 00:00"), ("0 12 * * 0,6,1", "on Mondays, Saturdays and Sundays at 12:00"),
        ("0 0 1 * *", "on the 1st of every month at 00:00"),
        ("0 0 1,15,22,23 6 *", "on the 1st, 15th, 22nd and 23rd of June at 00:00"),
        ("0 0 13 * fri", "on the 13th of every month, and every day that is a Friday, at 00:00"),
        ("0 0 29 2 */7", "on the 29th of February, if it is a Sunday, at 00:00"),
        ("0 6 * jan,dec *", "every day in January and December at 06:00"),
        ("0 0 */31 * *", "on the 1st of every month at 00:00"), ("0 0 1-31 * 1", "every day at 00:00"),
    ])
    func expressionsAreSaid(text: String, words: String) throws {
        #expect(try CronExpression(text).words == words)
    }

    @Test func schedulesAreSaid() throws {
        let berlin = try Zone("Europe/Berlin")
        let time = try RFC3339.time("2026-12-01T08:05:00Z")
        #expect(
            Schedule.cron(try CronExpression("0 9 * * 1-5"), berlin).words == "every weekday at 09:00, Europe/Berlin")
        #expect(Schedule.once(time, berlin).words == "once on 1 December 2026 at 09:05, Europe/Berlin")
        for (seconds, words) in [
            (60, "every minute"), (5400, "every 90 minutes"), (3600, "every hour"), (172_800, "every 2 days"),
            (90, "every 90 seconds"),
        ] {
            #expect(Schedule.interval(try .init(seconds: seconds, anchor: time)).words == words)
        }
        #expect(Schedule.event(.webhook).words == "when its webhook is called")
        #expect(Schedule.event(.task("t-1", outcomes: [.failed])).words == "when a run of task t-1 fails")
    }
}
