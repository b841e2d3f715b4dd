package import Model

import GRDB

/// What is to happen with a task whose time has come: its next one, and what runs of those that passed.
package struct TaskClaim: Sendable {
    package var task: TaskID
    package var revision: Int
    /// As it was read: what somebody else claimed meanwhile is not claimed.
    package var wasDue: Timestamp
    package var runs: [Timestamp]
    /// Added to each for when it begins.
    package var delay: Duration
    package var lastDue: Timestamp
    package var next: Timestamp?
    /// Takes back what was claimed before and has not begun.
    package var supersedes: Bool

    package init(
        task: TaskID, revision: Int, wasDue: Timestamp, runs: [Timestamp], delay: Duration = .zero,
        lastDue: Timestamp, next: Timestamp?, supersedes: Bool = false
    ) {
        self.task = task
        self.revision = revision
        self.wasDue = wasDue
        self.runs = runs
        self.delay = delay
        self.lastDue = lastDue
        self.next = next
        self.supersedes = supersedes
    }
}

/// How a run's turns stand.
package enum TaskRunProgress: Sendable, Equatable {
    case running
    /// A person is asked, and nothing runs meanwhile.
    case blocked(String)
    case answered(MessageID)
    /// A person said no, or nobody said anything in time.
    case refused(String)
    /// The harness spoke in place of an answer.
    case failed(String)
    case cancelled
}

extension Database {
    package func dueTasks(by now: Timestamp, limit: Int) async throws -> [TaskRecord] {
        try await read { db in
            try db.rows(
                TaskRecord.query + """
                     WHERE t.state = 'active' AND t.next_run IS NOT NULL AND t.next_run <= ?
                    ORDER BY t.next_run, t.id LIMIT ?
                    """, [now.milliseconds, limit]
            ).map(TaskRecord.init)
        }
    }

    /// When there is something to do next: a task's time, or a waiting run's.
    package func nextTaskTime() async throws -> Timestamp? {
        try await read { db in
            try db.row(
                """
                SELECT min(at) AS at FROM (
                    SELECT min(next_run) AS at FROM tasks WHERE state = 'active' AND next_run IS NOT NULL
                    UNION ALL SELECT min(begins) FROM task_runs WHERE state = 'waiting')
                """)?.optionalTime("at")
        }
    }

    /// The next time and the runs of it in one transaction: whatever happens after, none of them is claimed again, and
    /// none is lost. Returns those claimed now.
    package func claim(_ claims: [TaskClaim]) async throws -> [TaskRunID] {
        try await write { [self] db in
            var made: [TaskRunID] = []
            for claim in claims {
                try db.run(
                    """
                    UPDATE tasks SET next_run = ?1, last_due = max(last_due, ?2)
                    WHERE id = ?3 AND revision = ?4 AND next_run = ?5 AND state = 'active'
                    """,
                    [
                        claim.next?.milliseconds, claim.lastDue.milliseconds, claim.task.rawValue, claim.revision,
                        claim.wasDue.milliseconds,
                    ])
                guard db.changesCount == 1 else { continue }
                if claim.supersedes, !claim.runs.isEmpty {
                    try db.run(
                        """
                        UPDATE task_runs SET state = 'cancelled', reason = 'its next time came before it could begin', ended = ?2
                        WHERE task = ?1 AND cause = 'schedule' AND attempt = 1 AND state = 'waiting'
                        """, [claim.task.rawValue, clock.now().milliseconds])
                }
                for due in claim.runs {
                    let run = try insertRun(
                        of: claim.task, cause: .schedule, due: due, begins: due.advanced(by: claim.delay), on: db)
                    if let run { made.append(run) }
                }
                if claim.next == nil { try Self.endWhereOver(Self.task(claim.task, on: db), at: clock.now(), on: db) }
            }
            return made
        }
    }

    /// A run outside the schedule; `nil` where that event has started one. Throws where the task is over.
    package func addRun(
        of task: TaskID, cause: TaskRunRecord.Cause, event: String? = nil, data: String? = nil
    ) async throws -> TaskRunRecord? {
        try await write { [self] db in
            let record = try Self.task(task, on: db)
            guard record.state != .ended else { throw StoreError(.conflict, "The task is over.") }
            if let event,
                try db.exists(
                    "SELECT 1 FROM task_runs WHERE task = ? AND event = ?", [task.rawValue, event.storable])
            {
                return nil
            }
            var due = clock.now()
            // Two in one millisecond are two.
            while try db.exists(
                "SELECT 1 FROM task_runs WHERE task = ? AND cause = ? AND due = ?",
                [task.rawValue, cause.rawValue, due.milliseconds])
            {
                due = Timestamp(milliseconds: due.milliseconds + 1)
            }
            guard
                let id = try insertRun(
                    of: task, cause: cause, due: due, begins: due, event: event, data: data, on: db)
            else { return nil }
            return try Self.run(id, on: db)
        }
    }

    package func taskRun(_ id: TaskRunID) async throws -> TaskRunRecord? {
        try await read { db in
            try db.row(TaskRunRecord.query + " WHERE r.id = ?", [id.rawValue]).map(TaskRunRecord.init)
        }
    }

    /// Newest first.
    package func taskRuns(of task: TaskID, limit: Int = 50) async throws -> [TaskRunRecord] {
        try await read { db in
            try db.rows(
                TaskRunRecord.query + " WHERE r.task = ? ORDER BY r.created DESC, r.id DESC LIMIT ?",
                [task.rawValue, limit]
            ).map(TaskRunRecord.init)
        }
    }

    /// The run one of whose turns `turn` is; `nil` for what people began.
    package func taskRun(ofTurn turn: MessageID) async throws -> TaskRunRecord? {
        try await read { db in
            try db.row(
                """
                WITH RECURSIVE back (id) AS (
                    SELECT ?1 UNION
                    SELECT a.turn FROM back b JOIN messages m ON m.id = b.id AND m.surface = 'approval'
                        JOIN approvals a ON a.id = m.surface_event_id)
                SELECT r.* FROM task_runs r WHERE r.message IN back
                """, [turn.rawValue]
            ).map(TaskRunRecord.init)
        }
    }

    /// Whether runs of a task are said there.
    package func isOfTask(_ conversation: ConversationID) async throws -> Bool {
        try await read { db in
            try db.exists("SELECT 1 FROM task_runs WHERE conversation = ? LIMIT 1", [conversation.rawValue])
        }
    }

    /// Claimed ones whose time has come and whose task does not run, those of each owner in their order: the first of
    /// everybody before the second of anybody.
    package func waitingRuns(by now: Timestamp, limit: Int) async throws -> [TaskRunRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT * FROM (
                    SELECT *, row_number() OVER (PARTITION BY owner ORDER BY begins, id) AS place FROM task_runs
                    WHERE state = 'waiting' AND begins <= ? AND NOT EXISTS (
                        SELECT 1 FROM task_runs o WHERE o.task = task_runs.task
                            AND o.state IN ('checking', 'running', 'blocked')))
                ORDER BY place, begins, id LIMIT ?
                """, [now.milliseconds, limit]
            ).map(TaskRunRecord.init)
        }
    }

    /// Begun and not over.
    package func openRuns() async throws -> [TaskRunRecord] {
        try await read { db in
            try db.rows(
                "SELECT * FROM task_runs WHERE state IN ('checking', 'running', 'blocked') ORDER BY started, id"
            ).map(TaskRunRecord.init)
        }
    }

    /// False where somebody has begun with it, or taken it back.
    package func beginCheck(of run: TaskRunID, lease: Timestamp) async throws -> Bool {
        try await write { [self] db in
            try db.run(
                """
                UPDATE task_runs SET state = 'checking', started = ?2, lease = ?3 WHERE id = ?1 AND state = 'waiting'
                """, [run.rawValue, clock.now().milliseconds, lease.milliseconds])
            return db.changesCount == 1
        }
    }

    /// Still at it.
    package func extendLeases(of runs: [TaskRunID], to time: Timestamp) async throws {
        try await write { db in
            for run in runs {
                try db.run(
                    "UPDATE task_runs SET lease = ? WHERE id = ? AND state = 'checking'",
                    [time.milliseconds, run.rawValue])
            }
        }
    }

    /// The run's words are in the inbox with this, and it runs: both or neither. `nil` where it is not to begin any more.
    /// `snapshot`: what counts as told once the run has succeeded.
    package func beginRun(_ id: TaskRunID, _ draft: InboundDraft, data: String?, snapshot: String? = nil)
        async throws -> MessageRecord?
    {
        try await write { [self] db in
            let run = try Self.run(id, on: db)
            guard run.state == .waiting || run.state == .checking, try Self.task(run.task, on: db).state != .ended
            else { return nil }
            let accepted = try accept(draft, on: db)
            try db.run(
                """
                UPDATE task_runs SET state = 'running', message = ?2, conversation = ?3, started = COALESCE(started, ?4),
                    data = COALESCE(?5, data), snapshot = ?6, lease = NULL
                WHERE id = ?1
                """,
                [
                    id.rawValue, accepted.message.id.rawValue, accepted.message.conversation.rawValue,
                    clock.now().milliseconds, data?.storable, snapshot?.storable,
                ])
            return accepted.message
        }
    }

    /// From what its turns have come to; `.cancelled` for a run that never had one.
    package func progress(of run: TaskRunID) async throws -> TaskRunProgress {
        try await read { db in
            func chain(_ select: String) throws -> Row? {
                try db.row(TaskRunRecord.turnsOfOne + " " + select, [run.rawValue])
            }
            if try chain("SELECT 1 FROM messages m WHERE m.id IN turns AND m.state IN ('pending', 'taken')") != nil {
                return .running
            }
            let asked = try chain(
                """
                SELECT a.tool, a.id FROM approvals a WHERE a.turn IN turns AND a.state = 'pending' AND a.suspended IS NOT NULL
                """)
            if let asked { return .blocked("\(asked["tool"] as String) (approval \(asked["id"] as String))") }
            let last = try chain(
                """
                SELECT m.id, m.kind, m.text FROM messages m WHERE m.in_reply_to IN turns ORDER BY m.created DESC, m.seq DESC
                LIMIT 1
                """)
            guard let last else { return .cancelled }
            // Whatever its agent made of it: what was refused was not done.
            let refused = try chain(
                """
                SELECT a.tool, a.state FROM approvals a WHERE a.turn IN turns AND a.state IN ('denied', 'expired', 'withdrawn')
                ORDER BY a.id DESC
                """)
            if let refused {
                let (tool, state) = (refused["tool"] as String, refused["state"] as String)
                return .refused(state == "expired" ? "nobody allowed \(tool) in time" : "\(tool) was \(state)")
            }
            if last["kind"] as String == MessageRecord.Kind.assistant.rawValue { return .answered(last.id("id")) }
            return .failed((last["text"] as String).cut(to: 500))
        }
    }

    package func setRunState(_ state: TaskRunRecord.State, of run: TaskRunID, reason: String?) async throws {
        try await write { db in
            try db.run(
                """
                UPDATE task_runs SET state = ?2, reason = ?3
                WHERE id = ?1 AND state IN ('checking', 'running', 'blocked') AND (state <> ?2 OR reason IS NOT ?3)
                """, [run.rawValue, state.rawValue, reason?.storable.cut(to: 500)])
        }
    }

    // MARK: Inside

    func insertRun(
        of task: TaskID, cause: TaskRunRecord.Cause, due: Timestamp, attempt: Int = 1, begins: Timestamp,
        event: String? = nil, data: String? = nil, on db: Connection
    ) throws -> TaskRunID? {
        let id: TaskRunID = identifiers.make()
        try db.run(
            """
            INSERT OR IGNORE INTO task_runs
                (id, task, owner, cause, due, attempt, event, digest, state, begins, data, created)
            SELECT ?1, id, owner, ?3, ?4, ?5, ?6, digest, 'waiting', ?7, ?8, ?9 FROM tasks WHERE id = ?2
            """,
            [
                id.rawValue, task.rawValue, cause.rawValue, due.milliseconds, attempt, event?.storable,
                begins.milliseconds, data?.storable, clock.now().milliseconds,
            ])
        return db.changesCount == 1 ? id : nil
    }

    static func run(_ id: TaskRunID, on db: Connection) throws -> TaskRunRecord {
        guard let row = try db.row("SELECT * FROM task_runs WHERE id = ?", [id.rawValue]) else {
            throw StoreError(.notFound, "There is no such run.")
        }
        return try TaskRunRecord(row)
    }
}
