package import Logging
package import Model
package import Store
internal import Schedules

/// Begins what is due.
///
/// Everything it goes by is in the store: which time was dealt with, which runs were claimed, what each has come to. It
/// holds nothing that a crash could lose, and may be looked at (`tick`) as often as one likes.
package actor Scheduler {
    package struct Parts: Sendable {
        package var database: Database
        package var runner: any TaskRunner
        package var limits: Reloadable<SchedulerLimits>
        package var clock: WallClock
        package var logger: Logger

        package init(
            database: Database, runner: any TaskRunner, limits: Reloadable<SchedulerLimits>,
            clock: WallClock = .system, logger: Logger
        ) {
            self.database = database
            self.runner = runner
            self.limits = limits
            self.clock = clock
            self.logger = logger
        }
    }

    nonisolated let parts: Parts
    nonisolated var database: Database { parts.database }
    nonisolated var limits: SchedulerLimits { parts.limits.current }
    nonisolated var now: Timestamp { parts.clock.now() }

    /// Checks under way in this process.
    var checks: [TaskRunID: Task<Void, Never>] = [:]
    private var lastRepair: Timestamp?
    private let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation
    /// When it last looked through everything without an error: what a dead-man's switch goes by.
    package private(set) var lastTick: Timestamp?

    package init(_ parts: Parts) {
        self.parts = parts
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something is due that was not: looks at once.
    package nonisolated func wake() {
        changed.yield()
    }

    /// Works until cancelled.
    package func run() async {
        await recover()
        await withDiscardingTaskGroup { group in
            group.addTask {
                // A second is how late a run may notice that its turn has ended.
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    self.wake()
                }
            }
            for await _ in changes {
                await tick()
                if Task.isCancelled { break }
            }
            for check in checks.values { check.cancel() }
            for check in checks.values { await check.value }
            group.cancelAll()
        }
    }

    /// Looks once through what is due, what runs, and what waits.
    package func tick() async {
        do {
            try await claimDue()
            try await settleOpen()
            try await beginWaiting()
            if lastRepair.map({ now.duration(since: $0) > limits.repair }) ?? true {
                lastRepair = now
                try await repair()
            }
            lastTick = now
        } catch is CancellationError {
        } catch {
            // What is due stays due; the next look tries again.
            parts.logger.error("what is scheduled could not be looked at", metadata: ["error": "\(error)"])
        }
    }

    /// Each due time is claimed with the one after it, before anything begins: a crash leaves it claimed, once.
    private func claimDue() async throws {
        while true {
            let due = try await database.dueTasks(by: now, limit: 200)
            guard !due.isEmpty else { return }
            var claims: [TaskClaim] = []
            for task in due {
                do {
                    claims.append(try Self.claim(task, now: now))
                } catch {
                    try await setAside(task, because: "\(error)")
                }
            }
            if try await database.claim(claims).isEmpty, claims.isEmpty { return }
        }
    }

    static func claim(_ task: TaskRecord, now: Timestamp) throws -> TaskClaim {
        let schedule = try task.schedule
        let misfire = try Misfire(task.content.misfire)
        let plan = misfire.plan(last: task.lastDue, now: now, schedule: schedule)
        var isSingle = true
        if case .runAll = misfire { isSingle = false }
        guard let wasDue = task.nextRun else { throw ScheduleError("it has no next time") }
        let jitter = Jitter.delay(of: task.id.rawValue, upTo: task.content.jitter)
        return TaskClaim(
            task: task.id, revision: task.revision, wasDue: wasDue, runs: plan.run, delay: jitter,
            lastDue: max(now, plan.run.last ?? now), next: plan.next, supersedes: isSingle)
    }

    /// A task that cannot be read does not hold the others up, and does not vanish.
    private func setAside(_ task: TaskRecord, because reason: String) async throws {
        guard
            try await database.setTaskState(.paused, of: task.id, reason: "it cannot be read: \(reason)", nextRun: nil)
        else { return }
        parts.logger.error("a task is paused: it cannot be read", metadata: ["task": "\(task.id)", "why": "\(reason)"])
        await alert(
            task, "“\(task.content.name)” is paused, because it cannot be read: \(reason). Change it, then resume it.")
    }

    /// What an earlier process had begun to check and not to run begins again, or has failed, as its task has it. What ran is
    /// a turn, and turns are recovered with the conversations.
    package func recover() async {
        do {
            for run in try await database.openRuns() where run.state == .checking { try await takeBack(run) }
        } catch {
            parts.logger.error("interrupted checks stay open", metadata: ["error": "\(error)"])
        }
    }

    func takeBack(_ run: TaskRunRecord) async throws {
        guard let task = try await database.task(run.task) else { return }
        switch task.content.onCrash {
        case .resume: _ = try await database.returnRun(run.id)
        case .fail: try await end(run, of: task, .failed, reason: "Bulkhead was restarted while its check ran")
        }
    }

    func alert(_ task: TaskRecord, _ text: String) async {
        await parts.runner.tell(task.owner, text)
    }
}

extension TaskRecord {
    var schedule: Schedule {
        get throws { try Schedule(json: content.schedule) }
    }
}
