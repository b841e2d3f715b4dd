package import Model

import GRDB

/// How a run has ended, and what follows from it.
package struct TaskRunEnd: Sendable {
    package var state: TaskRunRecord.State
    package var reason: String?
    /// When it is tried again.
    package var retry: Timestamp?
    /// Failures in a row, this one included, at which the task is paused; `nil`: never.
    package var pausesAfter: Int?
    /// Of a monitor that had nothing to tell: what it goes by from now on.
    package var snapshot: String?

    package init(
        _ state: TaskRunRecord.State, reason: String? = nil, retry: Timestamp? = nil, pausesAfter: Int? = nil,
        snapshot: String? = nil
    ) {
        self.state = state
        self.reason = reason
        self.retry = retry
        self.pausesAfter = pausesAfter
        self.snapshot = snapshot
    }
}

/// What became of the task with a run's end.
package struct TaskAfterRun: Sendable {
    package let task: TaskRecord
    package let run: TaskRunRecord
    /// By this end, and not before.
    package let wasPaused: Bool
    package let retry: TaskRunID?
    /// Runs of tasks that wait for this one's outcome.
    package let followers: [TaskRunID]
}

extension Database {
    /// Ends a run once; `nil` where it has ended before. What follows (a repetition, the pause of a task that fails again and
    /// again, the end of one whose series is over, runs of tasks that wait for it) is in the same transaction.
    /// - Parameter isWaitingFor: of active tasks without a time, whether this end starts them.
    package func endRun(
        _ id: TaskRunID, _ end: TaskRunEnd,
        starting isWaitingFor: @escaping @Sendable (_ schedule: String) -> Bool = { _ in false }
    ) async throws -> TaskAfterRun? {
        precondition(end.state.isOver, "a run ends in a state that is over")
        return try await write { [self] db in
            let now = clock.now()
            try db.run(
                """
                UPDATE task_runs SET state = ?2, reason = ?3, ended = ?4, lease = NULL
                WHERE id = ?1 AND state IN ('waiting', 'checking', 'running', 'blocked')
                """, [id.rawValue, end.state.rawValue, end.reason?.storable.cut(to: 500), now.milliseconds])
            guard db.changesCount == 1 else { return nil }
            let run = try Self.run(id, on: db)
            var retry: TaskRunID?
            if end.state == .failed {
                try db.run("UPDATE tasks SET failures = failures + 1 WHERE id = ?", [run.task.rawValue])
            } else if end.state == .succeeded || end.state == .quiet {
                try db.run("UPDATE tasks SET failures = 0 WHERE id = ?", [run.task.rawValue])
            }
            if let snapshot = end.snapshot {
                try db.run("UPDATE tasks SET snapshot = ? WHERE id = ?", [snapshot.storable, run.task.rawValue])
            } else if end.state == .succeeded {
                try db.run(
                    """
                    UPDATE tasks SET spoke = ?2, snapshot = (SELECT snapshot FROM task_runs WHERE id = ?3)
                    WHERE id = ?1 AND EXISTS (SELECT 1 FROM task_runs WHERE id = ?3 AND snapshot IS NOT NULL)
                    """, [run.task.rawValue, now.milliseconds, id.rawValue])
            }
            var task = try Self.task(run.task, on: db)
            var wasPaused = false
            if let limit = end.pausesAfter, end.state == .failed, task.failures >= limit, task.state == .active {
                wasPaused = try Self.setState(
                    .paused, of: task.id, reason: "it failed \(task.failures) times in a row: \(end.reason ?? "")",
                    nextRun: nil, at: now, on: db)
            } else if let at = end.retry, end.state == .failed, task.state == .active {
                retry = try insertRun(
                    of: run.task, cause: run.cause, due: run.due, attempt: run.attempt + 1, begins: at,
                    event: run.event, data: run.event == nil ? nil : run.data, on: db)
            }
            try Self.endWhereOver(task, at: now, on: db)
            let followers =
                end.state == .succeeded || end.state == .failed && retry == nil
                ? try startFollowers(of: run, isWaitingFor, on: db) : []
            task = try Self.task(run.task, on: db)
            return TaskAfterRun(task: task, run: run, wasPaused: wasPaused, retry: retry, followers: followers)
        }
    }

    /// A series without another time, and with no run that is still to come, is over.
    static func endWhereOver(_ task: TaskRecord, at now: Timestamp, on db: Connection) throws {
        guard task.state == .active, task.nextRun == nil,
            !task.content.schedule.contains("\"kind\":\"event\""),
            try !db.exists(
                """
                SELECT 1 FROM task_runs WHERE task = ? AND state IN ('waiting', 'checking', 'running', 'blocked')
                """, [task.id.rawValue])
        else { return }
        _ = try setState(.ended, of: task.id, reason: "it has run", nextRun: nil, at: now, on: db)
    }

    private func startFollowers(
        of run: TaskRunRecord, _ isWaitingFor: (String) -> Bool, on db: Connection
    ) throws -> [TaskRunID] {
        let candidates = try db.rows(
            """
            SELECT id, schedule FROM tasks WHERE state = 'active' AND next_run IS NULL AND id <> ?1
                AND owner = (SELECT owner FROM tasks WHERE id = ?1) AND instr(schedule, ?1) > 0
            """, [run.task.rawValue])
        return try candidates.filter { isWaitingFor($0["schedule"]) }.compactMap { row in
            try insertRun(
                of: row.id("id"), cause: .event, due: clock.now(), begins: clock.now(),
                event: "run:\(run.id.rawValue)", on: db)
        }
    }

    /// Active tasks that something which happens may start.
    package func tasksWaitingForEvents() async throws -> [TaskRecord] {
        try await read { db in
            try db.rows(
                TaskRecord.query + " WHERE t.state = 'active' AND t.next_run IS NULL ORDER BY t.id LIMIT 1000"
            ).map(TaskRecord.init)
        }
    }

    /// Runs whose check nobody is at any more.
    package func abandonedRuns(by now: Timestamp) async throws -> [TaskRunRecord] {
        try await read { db in
            try db.rows(
                "SELECT * FROM task_runs WHERE state = 'checking' AND (lease IS NULL OR lease < ?)",
                [now.milliseconds]
            ).map(TaskRunRecord.init)
        }
    }

    /// Back to those that wait: nothing of it has happened.
    package func returnRun(_ id: TaskRunID) async throws -> Bool {
        try await write { db in
            try db.run(
                "UPDATE task_runs SET state = 'waiting', lease = NULL WHERE id = ? AND state = 'checking'",
                [id.rawValue])
            return db.changesCount == 1
        }
    }

    /// Sets a time that does not fit its schedule right; false where the task was changed meanwhile.
    package func repairTask(_ id: TaskID, revision: Int, from wrong: Timestamp?, to next: Timestamp?) async throws
        -> Bool
    {
        try await write { db in
            try db.run(
                """
                UPDATE tasks SET next_run = ?4 WHERE id = ?1 AND revision = ?2 AND next_run IS ?3 AND state = 'active'
                """, [id.rawValue, revision, wrong?.milliseconds, next?.milliseconds])
            return db.changesCount == 1
        }
    }
}
