import Model
import Schedules
import Testing

@Suite struct RFC3339Tests {
    @Test func timesAreReadAndWritten() throws {
        let zone = try Zone("Asia/Kathmandu")
        let time = try RFC3339.time("2026-11-30T09:00:00+01:00")
        #expect(time == Timestamp(milliseconds: 1_796_025_600_000))
        #expect(RFC3339.string(time, in: zone) == "2026-11-30T13:45:00+05:45")
        #expect(RFC3339.string(time, in: try Zone("America/St_Johns")) == "2026-11-30T04:30:00-03:30")
        #expect(RFC3339.string(Timestamp(milliseconds: -1), in: .utc) == "1969-12-31T23:59:59.999+00:00")
        #expect(try RFC3339.time("2026-11-30t08:00:00.5z").milliseconds == 1_796_025_600_500)
        #expect(try RFC3339.time("2016-12-31T23:59:60Z") == RFC3339.time("2017-01-01T00:00:00Z"))
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            let time = Timestamp(milliseconds: .random(in: -60_000_000_000_000...250_000_000_000_000, using: &random))
            #expect(try RFC3339.time(RFC3339.string(time, in: .utc)) == time)
        }
    }

    @Test(arguments: [
        "", "now", "2026-11-30", "2026-11-30T09:00", "2026-11-30T09:00:00", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-11-31T00:00:00Z", "0000-01-01T00:00:00Z", "2026-11-30T24:00:00Z",
        "2026-11-30T09:60:00Z", "2026-11-30T09:00:61Z", "2026-11-30T09:00:00+24:00", "2026-11-30T09:00:00+0100",
        "2026-11-30T09:00:00Z ", "2026-11-30T09:00:00.Z", "2026-11-30T09:00:00.1234567890Z", "26-11-30T09:00:00Z",
        "٢٠٢٦-11-30T09:00:00Z", "2026-11-30T09:00:00−01:00",
    ])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(throws: ScheduleError.self) { try RFC3339.time(text) }
    }

    @Test func withoutAnOffsetItIsWhatTheClocksShow() throws {
        let berlin = try Zone("Europe/Berlin")
        for (text, meant) in [
            ("2026-11-30T09:00", "2026-11-30T09:00:00+01:00"), ("2026-07-01 09:00:30", "2026-07-01T09:00:30+02:00"),
            ("2026-11-30", "2026-11-30T00:00:00+01:00"), ("2026-03-29T02:30", "2026-03-29T03:00:00+02:00"),
            ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00"), ("2026-11-30T09:00:00Z", "2026-11-30T10:00:00+01:00"),
        ] {
            #expect(RFC3339.string(try RFC3339.time(text, in: berlin), in: berlin) == meant)
        }
        let error = #expect(throws: ScheduleError.self) { try RFC3339.time("tomorrow", in: berlin) }
        #expect(error?.message.contains("in the clocks of Europe/Berlin") == true)
    }
}
