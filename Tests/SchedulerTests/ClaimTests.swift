import MCP
import Model
import Schedules
import Scheduler
import Store
import Testing

/// Every due time is claimed once, whatever the clock does.
@Suite struct ClaimTests {
    @Test func aTimeIsClaimedOnceAndTheNextIsSet() async throws {
        let bench = try await Bench(at: "2026-03-02T07:59:30.000Z")
        let task = try await bench.task(["kind": "cron", "expression": "0 9 * * 1-5", "zone": "Europe/Berlin"])
        #expect(task.nextRun == Bench.time("2026-03-02T08:00:00.000Z"))
        await bench.pass(.seconds(120), step: .seconds(10))
        let runs = try await bench.runs(of: task)
        #expect(runs.map(\.due) == [Bench.time("2026-03-02T08:00:00.000Z")])
        #expect(runs.first?.state == .succeeded)
        #expect(bench.hands.started.map(\.text) == ["Write the report."])
        #expect(try await bench.database.task(task.id)?.nextRun == Bench.time("2026-03-03T08:00:00.000Z"))
    }

    @Test func manyWhoLookAtOnceClaimOnce() async throws {
        let bench = try await Bench(at: "2026-03-02T07:59:59.000Z")
        for number in 0..<20 {
            _ = try await bench.task(
                ["kind": "cron", "expression": "0 9 * * *", "zone": "Europe/Berlin"], name: "task \(number)")
        }
        bench.advance(.seconds(5))
        let due = try await bench.database.dueTasks(by: bench.clock.now, limit: 100)
        #expect(due.count == 20)
        let claims = due.map {
            TaskClaim(
                task: $0.id, revision: $0.revision, wasDue: bench.clock.now, runs: [bench.clock.now],
                lastDue: bench.clock.now,
                next: nil)
        }
        // Read before somebody else claimed: nothing.
        #expect(try await bench.database.claim(claims).isEmpty)
        let made = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await bench.database.claim(
                        due.compactMap { task in
                            task.nextRun.map {
                                TaskClaim(
                                    task: task.id, revision: task.revision, wasDue: $0, runs: [$0], lastDue: $0,
                                    next: $0.advanced(by: .seconds(86_400)))
                            }
                        }
                    ).count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(made == 20)
    }

    @Test func whatPassedUnattendedRunsAsTheTaskHasIt() async throws {
        let hourly: @Sendable (String) async throws -> [TaskRunRecord] = { missed in
            let bench = try await Bench(at: "2026-03-02T07:30:00.000Z")
            let task = try await bench.task(
                ["kind": "interval", "seconds": 3600, "anchor": "2026-03-02T00:00:00Z"], ["missed": .string(missed)])
            bench.advance(.seconds(6 * 3600))
            await bench.scheduler.tick()
            await bench.pass(.seconds(600))
            return try await bench.runs(of: task)
        }
        #expect(try await hourly("runOnce").map(\.due) == [Bench.time("2026-03-02T13:00:00.000Z")])
        #expect(try await hourly("skip").isEmpty)
        #expect(
            try await hourly("runAll:3").map(\.due)
                == [11, 12, 13].map { Bench.time("2026-03-02T\($0):00:00.000Z") })
    }

    @Test func aClockSetBackRunsNothingTwice() async throws {
        let bench = try await Bench(at: "2026-03-02T07:30:00.000Z")
        let task = try await bench.task(["kind": "interval", "seconds": 600, "anchor": "2026-03-02T00:00:00Z"])
        await bench.pass(.seconds(3600))
        let before = try await bench.runs(of: task).count
        bench.clock.now = Bench.time("2026-03-02T07:30:00.000Z")
        await bench.pass(.seconds(3600))
        #expect(try await bench.runs(of: task).count == before)
        await bench.pass(.seconds(3600))
        let dues = try await bench.runs(of: task).map(\.due)
        #expect(Set(dues).count == dues.count && dues.count == before + 6)
    }

    @Test func twoRunsOfATaskDoNotOverlapAndTheLaterTakesThePlaceOfOneThatWaits() async throws {
        let bench = try await Bench(at: "2026-03-02T07:55:00.000Z")
        bench.hands.set { $0.deed = .nothing }
        let task = try await bench.task(["kind": "interval", "seconds": 600, "anchor": "2026-03-02T00:00:00Z"])
        await bench.pass(.seconds(1800))
        let runs = try await bench.runs(of: task)
        #expect(runs.map(\.state) == [.running, .cancelled, .waiting])
        #expect(bench.hands.started.count == 1)
        let message = try #require(bench.hands.started.first)
        try await bench.hands.perform(.answer, message)
        bench.hands.set { $0.deed = .answer }
        await bench.pass(.seconds(60), step: .seconds(10))
        #expect(try await bench.runs(of: task).map(\.state) == [.succeeded, .cancelled, .succeeded])
    }

    @Test func aSingleTimeIsOverOnceItRan() async throws {
        let bench = try await Bench(at: "2026-03-02T07:55:00.000Z")
        let task = try await bench.task(["kind": "once", "at": "2026-03-02T09:00:00+01:00", "zone": "Europe/Berlin"])
        await bench.pass(.seconds(600))
        #expect(try await bench.runs(of: task).map(\.state) == [.succeeded])
        let after = try #require(try await bench.database.task(task.id))
        #expect(after.state == .ended && after.reason == "it has run")
    }

    @Test func jitterIsTheSameEachTimeAndWithinItsBound() async throws {
        let bench = try await Bench(at: "2026-03-02T07:55:00.000Z")
        let task = try await bench.task(
            ["kind": "interval", "seconds": 3600, "anchor": "2026-03-02T00:00:00Z"], ["jitter_seconds": 120])
        await bench.pass(.seconds(3 * 3600), step: .seconds(1800))
        let delays = try await bench.runs(of: task).map { $0.begins.duration(since: $0.due) }
        #expect(delays.count == 3 && Set(delays).count == 1)
        #expect(delays.allSatisfy { $0 >= .zero && $0 < .seconds(120) })
    }

    @Test func aDriftedTimeIsSetRightAndSaidSo() async throws {
        let bench = try await Bench(at: "2026-03-02T07:55:00.000Z")
        let task = try await bench.task(["kind": "cron", "expression": "0 9 * * *", "zone": "UTC"])
        let wrong = Bench.time("2026-09-02T09:00:00.000Z")
        #expect(
            try await bench.database.repairTask(task.id, revision: task.revision, from: task.nextRun, to: wrong))
        try await bench.scheduler.repair()
        #expect(try await bench.database.task(task.id)?.nextRun == task.nextRun)
        #expect(bench.hands.events.contains { $0.name == "task.repaired" && $0.details["was"] == wrong.rfc3339 })
    }
}
