import Foundation
import Model
import Schedules
import Testing

@Suite struct ScheduleTests {
    private static func schedule(_ json: String) throws -> Schedule {
        try JSONDecoder().decode(Schedule.self, from: Data(json.utf8))
    }

    private static func json(_ schedule: Schedule) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(schedule), as: UTF8.self)
    }

    /// What stands in databases: read as it was written, and written the same again.
    @Test(arguments: [
        #"{"expression":"0 9 * * 1-5","kind":"cron","zone":"Europe/Berlin"}"#,
        #"{"anchor":"2026-11-30T08:00:00+00:00","kind":"interval","seconds":5400}"#,
        #"{"at":"2026-12-01T09:00:00+01:00","kind":"once","zone":"Europe/Berlin"}"#,
        #"{"kind":"event","on":"webhook"}"#,
        #"{"channel":"general","kind":"event","on":"message","pattern":"invoice *"}"#,
        #"{"kind":"event","on":"task","outcomes":["failed","succeeded"],"task":"t-1"}"#,
    ])
    func itIsStoredAsJSON(json: String) throws {
        #expect(try Self.json(Self.schedule(json)) == json)
    }

    @Test(arguments: [
        (#"{"kind":"often"}"#, "cron, interval, once or event"),
        (#"{"kind":"cron","expression":"61 * * * *","zone":"UTC"}"#, "minute “61”"),
        (#"{"kind":"cron","expression":"1 * * * *","zone":"Mars/Base"}"#, "no time zone “Mars/Base”"),
        (#"{"kind":"interval","seconds":0,"anchor":"2026-11-30T08:00:00Z"}"#, "at least 60 seconds"),
        (#"{"kind":"interval","seconds":59,"anchor":"2026-11-30T08:00:00Z"}"#, "at least 60 seconds"),
        (#"{"kind":"interval","seconds":99999999,"anchor":"2026-11-30T08:00:00Z"}"#, "at most a year"),
        (#"{"kind":"interval","seconds":60,"anchor":"today"}"#, "no time with its offset"),
        (#"{"kind":"once","at":"soon","zone":"UTC"}"#, "no time such as"),
        (#"{"kind":"event","on":"whim"}"#, "webhook, message or task"),
        (#"{"kind":"event","on":"message","channel":"c","pattern":"**"}"#, "matches every message"),
        (#"{"kind":"event","on":"task","task":"t","outcomes":[]}"#, "succeeded, failed or both"),
    ])
    func whatIsWrongIsSaid(json: String, words: String) {
        let error = #expect(throws: ScheduleError.self) { try Self.schedule(json) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func intervalsDoNotDrift() throws {
        let anchor = try RFC3339.time("2026-03-28T12:00:00Z")
        let schedule = Schedule.interval(try Schedule.Interval(seconds: 5400, anchor: anchor))
        // Asked late each time, over a change of the clocks.
        var (now, due) = (anchor, [Timestamp]())
        for _ in 0..<100 {
            let next = try #require(schedule.next(after: now))
            due.append(next)
            now = next.advanced(by: .seconds(17))
        }
        #expect(due == (1...100).map { anchor.advanced(by: .seconds($0 * 5400)) })
        #expect(schedule.next(after: anchor.advanced(by: .seconds(-1_000_000))) == anchor)
        #expect(schedule.next(after: anchor.advanced(by: .seconds(5400))) == due[1])
        #expect(schedule.next(after: Timestamp(milliseconds: .min)) == anchor)
    }

    @Test func onceIsOnce() throws {
        let at = try RFC3339.time("2026-12-01T09:00:00+01:00")
        let schedule = Schedule.once(at, try Zone("Europe/Berlin"))
        #expect(schedule.occurrences(from: at.advanced(by: .seconds(-1)), count: 5) == [at])
        #expect(schedule.next(after: at) == nil)
        #expect(Schedule.event(.webhook).occurrences(from: at, count: 5) == [])
    }

    @Test func whatSomebodyAsksForIsHeldAgainstThePresent() throws {
        let now = try RFC3339.time("2026-11-30T12:00:00Z")
        let past = #expect(throws: ScheduleError.self) {
            try Schedule.once(now.advanced(by: .seconds(-1)), .utc).check(now: now)
        }
        #expect(
            past?.message.contains("2026-11-30T11:59:59+00:00 is past: it is 2026-11-30T12:00:00+00:00 now") == true)
        #expect(throws: ScheduleError.self) { try Schedule.once(now, .utc).check(now: now) }
        #expect(throws: ScheduleError.self) {
            try Schedule.once(now.advanced(by: .seconds(4000 * 86_400)), .utc).check(now: now)
        }
        try Schedule.once(now.advanced(by: .seconds(60)), .utc).check(now: now)
        try Schedule.cron(try CronExpression("0 0 29 2 */7"), .utc).check(now: now)
        try Schedule.event(.webhook).check(now: now)
    }

    @Test func theLatestOfAStretch() throws {
        let schedule = Schedule.cron(try CronExpression("*/7 3 * * *"), try Zone("Europe/Berlin"))
        let start = try RFC3339.time("2026-01-01T00:00:00Z")
        let all = schedule.occurrences(from: start, count: 3000)
        for (place, due) in all.enumerated().dropFirst() where place % 37 == 0 {
            #expect(schedule.latest(after: start, upTo: due) == due)
            #expect(
                schedule.latest(after: start, upTo: Timestamp(milliseconds: due.milliseconds - 1)) == all[place - 1])
        }
        #expect(schedule.latest(after: all[0], upTo: all[0]) == nil)
    }

    @Test(arguments: [
        ("invoice", "An INVOICE came", true), ("invoice", "in voice", false),
        ("deploy * failed", "Deploy 12 failed!", true),
        ("deploy * failed", "failed: deploy 12", false), ("v?.0", "we ship v2.0 now", true), ("v?.0", "v.0", false),
        ("a*b*c", "xxaxxbxxcxx", true), ("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", false), ("é", "É", true),
    ])
    func messagesAreMatched(pattern: String, message: String, matches: Bool) throws {
        #expect(try MessagePattern(pattern).matches(message) == matches)
    }

    @Test func noMessageMakesAPatternSlow() throws {
        let pattern = try MessagePattern(String(repeating: "a*", count: 99) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 40_000)))
    }
}
