import MCP
import Model
import Schedules
import Scheduler
import Store
import Testing

/// Two years of ten thousand tasks, on a clock that jumps.
@Suite struct YearsTests {
    private static let zones = [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago", "UTC",
        "Pacific/Apia", "Africa/Casablanca",
    ]

    private static func expression(_ number: Int) -> String {
        let (minute, hour, day, month) = (number % 60, number / 7 % 24, 1 + number % 28, 1 + number / 3 % 12)
        switch number {
        case 0..<20: return "\(minute) \(hour) * * *"
        case 20..<220: return "\(minute) \(hour) * * \(number % 7)"
        case 220..<1220: return "\(minute) \(hour) \(day) * *"
        case 1220..<3220:
            return "\(minute) \(hour) \(day) \(month % 3 + 1),\(month % 3 + 4),\(month % 3 + 7),\(month % 3 + 10) *"
        // Every hour there is or is twice, at the turn of the clocks.
        case 3220..<3240: return "\(minute) 2,3 * 3,10,11 0"
        default: return "\(minute) \(hour) \(day) \(month) *"
        }
    }

    @Test(.timeLimit(.minutes(8))) func eachRunOfTenThousandTasksIsClaimedExactlyOnce() async throws {
        var limits = SchedulerLimits()
        limits.tasksPerPerson = 10_000
        limits.repair = .seconds(90 * 86_400)
        let bench = try await Bench(at: "2026-01-15T10:20:30.000Z", limits: limits)
        bench.hands.set { $0.hasRoom = false }
        let start = bench.clock.now
        for number in 0..<10_000 {
            _ = try await bench.task(
                [
                    "kind": "cron", "expression": .string(Self.expression(number)),
                    "zone": .string(Self.zones[number % Self.zones.count]),
                ], name: "task \(number)", ["missed": "runAll:100"])
        }
        var random = Seeded(seed: 20_260_115)
        let end = start.advanced(by: .seconds(2 * 365 * 86_400))
        var latest = start
        while latest < end {
            switch Int.random(in: 0..<100, using: &random) {
            case 0: bench.advance(.seconds(-7200))
            case 1: bench.advance(.seconds(3 * 86_400))
            default: bench.advance(.seconds(Int.random(in: 1800..<21_600, using: &random)))
            }
            latest = max(latest, bench.clock.now)
            await bench.scheduler.tick()
        }
        bench.clock.now = max(latest, bench.clock.now)
        await bench.scheduler.tick()
        let stop = bench.clock.now
        var total = 0
        for task in try await bench.database.tasks(of: nil, limit: 10_000) {
            let schedule = try Schedule(stored: task.content.schedule)
            var expected: [Timestamp] = []
            var last = task.created
            while let next = schedule.next(after: last), next <= stop {
                expected.append(next)
                last = next
            }
            let dues = try await bench.database.taskRuns(of: task.id, limit: 5000).map(\.due).sorted()
            #expect(dues == expected, "\(task.content.schedule)")
            total += dues.count
        }
        #expect(total > 60_000)
        #expect(try await bench.database.tasks(of: nil, limit: 10_000).count == 10_000)
    }
}

struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
