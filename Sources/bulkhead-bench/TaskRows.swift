import Logging
import Model
import Scheduler
import Store

/// The scheduler over ten thousand tasks: what it costs to look where nothing is due, and to claim what is.
enum TaskRows {
    private static let tasks = 10_000

    static func measure(_ options: Options) async throws -> [Row] {
        let clock = BenchClock()
        let database = try Database(directory: try options.directory("tasks"), clock: WallClock { clock.now })
        defer { database.close() }
        var limits = SchedulerLimits()
        limits.tasksPerPerson = tasks
        let quiet = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let scheduler = Scheduler(
            Scheduler.Parts(
                database: database, runner: NobodyRuns(), limits: Reloadable(limits), clock: WallClock { clock.now },
                logger: quiet))
        let person = try await database.findOrCreatePerson(name: "bench", role: .owner)
        let channel = try await database.dmChannel(of: person.id)
        // All at nine, which is the worst there is.
        let schedule = #"{"expression":"0 9 * * *","kind":"cron","zone":"Europe/Berlin"}"#
        for number in 0..<tasks {
            let content = TaskContent(
                name: "task \(number)", prompt: "x", schedule: schedule, digest: "d", channel: channel.id)
            _ = try await database.createTask(
                TaskDraft(content, owner: person.id, role: .owner, nextRun: BenchClock.due), limit: tasks)
        }
        await scheduler.tick()
        let idle = try await Samples.of(500) { await scheduler.tick() }
        clock.pass()
        let start = ContinuousClock.now
        await scheduler.tick()
        let rate = Double(tasks) / (ContinuousClock.now - start).inSeconds
        guard try await database.dueTasks(by: clock.now, limit: 1).isEmpty else {
            throw BenchError("not every task was claimed")
        }
        return [
            Row(
                name: "look at 10,000 tasks, nothing due, p50", value: idle.p50, unit: "ms", better: .lower,
                target: "≤ 2", peerName: "none"),
            Row(
                name: "10,000 tasks due at once, claimed", value: rate, unit: "tasks/s", better: .higher,
                target: "≥ 1,000", peerName: "none"),
        ]
    }
}

private final class BenchClock: Sendable {
    /// 2026-03-02, nine o'clock in Berlin.
    static let due = Timestamp(milliseconds: 1_772_438_400_000)
    private let state = Reloadable(due.advanced(by: .seconds(-600)))

    var now: Timestamp { state.current }

    func pass() { state.replace(with: Self.due.advanced(by: .seconds(1))) }
}

/// Claims are made; nothing begins.
private struct NobodyRuns: TaskRunner {
    func hasRoom() async -> Bool { false }
    func obstacle(to task: TaskRecord) async -> String? { nil }
    func screened(_ text: String, of task: TaskRecord) async throws -> String { text }
    func check(_ script: String, of task: TaskRecord) async throws -> String { "" }
    func takeUp(_ message: MessageRecord) async {}
    func end(_ run: TaskRunRecord, reason: String) async {}
    func tell(_ owner: PersonID, _ text: String) async {}
    func record(_ event: TaskEvent) async throws -> Int64 { 0 }
}
