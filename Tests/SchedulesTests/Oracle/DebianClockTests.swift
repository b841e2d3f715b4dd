import Model
import Testing

@testable import Schedules

/// The main loop of Debian's cron (cron.c of 3.0pl1), minute by minute: what it makes of clocks that are changed.
private struct DebianClock {
    /// The minutes the clocks show, as cron counts them, and whether an expression runs at each.
    let rules: ZoneRules
    let expression: CronExpression

    /// The real minutes since 1970 at which it runs.
    func runs(_ minutes: ClosedRange<Int>) -> Set<Int> {
        var found: Set<Int> = []
        var virtual = shown(minutes.lowerBound - 1)
        for minute in minutes {
            let now = shown(minute)
            let ahead = now - virtual
            func run(_ shown: Int, wild: Bool, fixed: Bool) {
                guard matches(shown), expression.followsRealTime ? wild : fixed else { return }
                found.insert(minute)
            }
            switch ahead {
            case 1...5:
                while virtual < now {
                    virtual += 1
                    run(virtual, wild: true, fixed: true)
                }
            case 6...180:
                run(now, wild: true, fixed: false)
                while virtual < now {
                    virtual += 1
                    run(virtual, wild: false, fixed: true)
                }
            case -179...0: run(now, wild: true, fixed: false)
            default:
                virtual = now
                run(now, wild: true, fixed: true)
            }
        }
        return found
    }

    private func shown(_ minute: Int) -> Int {
        (minute * 60 + rules.offset(at: minute * 60)).dividedDown(by: 60)
    }

    private func matches(_ shown: Int) -> Bool {
        let day = CivilDay(number: shown.dividedDown(by: 1440))
        let minute = shown - day.number * 1440
        func has(_ bits: UInt64, _ value: Int) -> Bool { bits & 1 << UInt64(value) != 0 }
        guard has(expression.minutes, minute % 60), has(expression.hours, minute / 60),
            has(expression.months, day.month)
        else { return false }
        let (date, weekday) = (has(expression.daysOfMonth, day.day), has(expression.daysOfWeek, day.weekday))
        return expression.bothDays ? date && weekday : date || weekday
    }
}

@Suite struct DebianClockTests {
    /// Over each change of the clocks in 28 zones, from a day and a half before it until as long after it, the minutes are the
    /// same. Changes of more than three hours (Samoa in 2011) cron takes for a clock that was set.
    @Test func everyChangeIsAsInDebiansCron() throws {
        var generator = CronGenerator(random: SeededGenerator(seed: 21))
        var compared = 0
        var ran = 0
        for name in DifferentialTests.zones {
            let zone = try Zone(name)
            let changes = zone.changes(
                after: Timestamp(milliseconds: 788_918_400_000), upTo: Timestamp(milliseconds: 2_240_524_800_000))
            for change in changes.shuffled(using: &generator.random).prefix(12) {
                let minute = change.seconds / 60
                let before = zone.rules.offset(at: change.seconds - 1)
                guard abs(zone.rules.offset(at: change.seconds) - before) < 3 * 3600 else { continue }
                let minutes = (minute - 2200)...(minute + 2200)
                for _ in 0..<6 {
                    let expression = try hourly(&generator)
                    let theirs = DebianClock(rules: zone.rules, expression: expression).runs(minutes)
                    var ours: Set<Int> = []
                    var last = Timestamp(seconds: minutes.lowerBound * 60 - 1)
                    while let next = expression.next(after: last, in: zone), next.seconds / 60 <= minutes.upperBound {
                        ours.insert(next.seconds / 60)
                        last = next
                    }
                    #expect(ours == theirs, "\(expression) in \(zone) about \(RFC3339.string(change, in: zone))")
                    compared += 1
                    ran += ours.count
                }
            }
        }
        #expect(compared > 1000 && ran > 20_000)
    }

    /// Of any hour and minute, on every day: so that each change is met.
    private func hourly(_ generator: inout CronGenerator) throws -> CronExpression {
        while true {
            let fields = generator.expression().split(separator: " ")
            if let expression = try? CronExpression("\(fields[0]) \(fields[1]) * * *") { return expression }
        }
    }
}
