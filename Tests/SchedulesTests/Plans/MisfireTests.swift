import Model
import Schedules
import Testing

/// What is done about due times that passed.
@Suite struct MisfireTests {
    private static func time(_ text: String) throws -> Timestamp { try RFC3339.time("2026-\(text):00Z") }

    private static func hourly() throws -> Schedule { .cron(try CronExpression("0 * * * *"), .utc) }

    @Test func nothingIsDueBeforeItsTime() throws {
        for policy in [Misfire.runOnce, .skip, .runAll(limit: 5)] {
            let plan = policy.plan(
                last: try Self.time("11-30T12:00"), now: try Self.time("11-30T12:59"), schedule: try Self.hourly())
            #expect(plan == Misfire.Plan(run: [], skipped: 0, skippedMore: false, next: try Self.time("11-30T13:00")))
        }
    }

    @Test func whatIsDueOnTimeRunsWhateverThePolicy() throws {
        for policy in [Misfire.runOnce, .skip, .runAll(limit: 5)] {
            let plan = policy.plan(
                last: try Self.time("11-30T12:00"), now: try Self.time("11-30T13:05"), schedule: try Self.hourly())
            #expect(plan.run == [try Self.time("11-30T13:00")] && plan.skipped == 0)
            #expect(try plan.next == Self.time("11-30T14:00"))
        }
    }

    @Test func afterHoursAwayEachPolicyDoesItsOwn() throws {
        let (last, now) = (try Self.time("11-30T12:00"), try Self.time("11-30T20:30"))
        let schedule = try Self.hourly()
        let once = Misfire.runOnce.plan(last: last, now: now, schedule: schedule)
        #expect(once.run == [try Self.time("11-30T20:00")] && once.skipped == 7)
        let skip = Misfire.skip.plan(last: last, now: now, schedule: schedule)
        #expect(skip.run.isEmpty && skip.skipped == 8)
        let some = Misfire.runAll(limit: 3).plan(last: last, now: now, schedule: schedule)
        #expect(try some.run == ["18", "19", "20"].map { try Self.time("11-30T\($0):00") } && some.skipped == 5)
        let all = Misfire.runAll(limit: 100).plan(last: last, now: now, schedule: schedule)
        #expect(all.run.count == 8 && all.skipped == 0)
        for plan in [once, skip, some, all] { #expect(try plan.next == Self.time("11-30T21:00")) }
    }

    /// Within the grace the latest runs, and what came before it does not.
    @Test func skippingLeavesOnlyWhatIsOnTime() throws {
        let schedule = Schedule.cron(try CronExpression("* * * * *"), .utc)
        let plan = Misfire.skip.plan(
            last: try Self.time("11-30T12:00"), now: try Self.time("11-30T13:00"), schedule: schedule)
        #expect(plan.run == [try Self.time("11-30T13:00")] && plan.skipped == 59)
    }

    @Test func aYearAwayIsSoonReckoned() throws {
        let schedule = Schedule.cron(try CronExpression("* * * * *"), try Zone("Europe/Berlin"))
        let last = try Self.time("11-30T12:00")
        let now = last.advanced(by: .seconds(366 * 86_400))
        let plan = Misfire.runAll(limit: 3).plan(last: last, now: now, schedule: schedule)
        #expect(plan.run == [-120, -60, 0].map { now.advanced(by: .seconds($0)) })
        #expect(plan.skippedMore && plan.skipped == Misfire.countLimit - 3)
    }

    @Test func aSingleTimeThatPassedIsNotForgotten() throws {
        let at = try Self.time("11-30T12:00")
        let schedule = Schedule.once(at, .utc)
        let last = try Self.time("11-29T12:00")
        let late = try Self.time("12-05T12:00")
        #expect(Misfire.runOnce.plan(last: last, now: late, schedule: schedule).run == [at])
        #expect(Misfire.skip.plan(last: last, now: late, schedule: schedule).run == [])
        #expect(Misfire.runOnce.plan(last: at, now: late, schedule: schedule).next == nil)
    }

    /// Two years of a clock that jumps ahead, is set back, stands still: each due time at most once, in order; and with
    /// `runAll` and a daemon that is never away for long, each exactly once.
    @Test(
        arguments: ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"],
        [Misfire.runOnce, .runAll(limit: 100)])
    func eachDueTimeOnceWhateverTheClockDoes(zone: String, policy: Misfire) throws {
        var random = SeededGenerator(seed: 11)
        let schedule = Schedule.cron(try CronExpression("15 0-23/2 * * *"), try Zone(zone))
        let start = try Self.time("01-01T00:00")
        let end = start.advanced(by: .seconds(2 * 366 * 86_400))
        var (last, now) = (start, start)
        var ran: [Timestamp] = []
        while now < end {
            let plan = policy.plan(last: last, now: now, schedule: schedule)
            ran += plan.run
            last = plan.run.last ?? last
            #expect(plan.next.map { $0 > now || $0 > last } ?? false)
            // Mostly a few minutes on; at times a day away; at times the clock is set back by hours.
            let step =
                switch Int.random(in: 0..<50, using: &random) {
                case 0: Int.random(in: 3600...100_000, using: &random)
                case 1: Int.random(in: -20_000 ... -60, using: &random)
                default: Int.random(in: 60...2400, using: &random)
                }
            now = now.advanced(by: .seconds(step))
        }
        #expect(zip(ran, ran.dropFirst()).allSatisfy { $0 < $1 })
        let due = schedule.occurrences(from: start, count: ran.count + 10_000).filter { $0 <= last }
        #expect(Set(ran).isSubset(of: due))
        if policy != .runOnce { #expect(ran == due) }
    }

    @Test func policiesAreText() throws {
        for (text, policy) in [("runOnce", Misfire.runOnce), ("skip", .skip), ("runAll:20", .runAll(limit: 20))] {
            #expect(try Misfire(text) == policy && policy.description == text)
        }
        for text in ["", "run", "runAll", "runAll:0", "runAll:101", "runAll:x", "skip:1", "runOnce:"] {
            #expect(throws: ScheduleError.self) { try Misfire(text) }
        }
    }
}
