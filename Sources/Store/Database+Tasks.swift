package import Model

import GRDB

// Tasks as they are kept; when one is due is not decided here.
extension Database {
    /// Throws `.invalid` where the owner has `limit` tasks already, `.conflict` where one of them has that name, and
    /// `.forbidden` for a channel or conversation that is not the owner's to write in.
    package func createTask(_ draft: TaskDraft, limit: Int) async throws -> TaskRecord {
        try await write { [self] db in
            let owned = try db.row(
                "SELECT count(*) AS n FROM tasks WHERE owner = ? AND state <> 'ended'", [draft.owner.rawValue])
            guard owned?["n"] ?? 0 < limit else {
                throw StoreError(
                    .invalid, "One person has \(limit) tasks at most. Cancel one that is not needed any more.")
            }
            try Self.require(draft.content, of: draft.owner, besides: nil, on: db)
            let id: TaskID = identifiers.make()
            let now = clock.now().milliseconds
            let content = draft.content
            try db.run(
                """
                INSERT INTO tasks
                    (id, owner, name, prompt, schedule, digest, channel, context, conversation, mode, tier, misfire, backoff,
                     on_crash, deadline, jitter, pre_check, monitor, budget, role, labels, origin, is_relayed, unattended_by,
                     state, last_due, next_run, created, updated)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', ?, ?, ?, ?)
                """,
                [
                    id.rawValue, draft.owner.rawValue, content.name.storable, content.prompt.storable, content.schedule,
                    content.digest, content.channel.rawValue, content.context.rawValue, content.conversation?.rawValue,
                    content.mode.rawValue, content.tier, content.misfire, content.backoff, content.onCrash.rawValue,
                    content.deadline.storedMilliseconds, content.jitter.storedMilliseconds, content.check?.storable,
                    content.monitor, content.budget, draft.role.rawValue, draft.labels.rawValue, draft.origin,
                    draft.isRelayed, draft.unattendedBy?.rawValue, now,
                    draft.nextRun?.milliseconds, now, now,
                ])
            return try Self.task(id, on: db)
        }
    }

    package func task(_ id: TaskID) async throws -> TaskRecord? {
        try await read { db in try db.row(TaskRecord.query + " WHERE t.id = ?", [id.rawValue]).map(TaskRecord.init) }
    }

    package func task(named name: String, of owner: PersonID) async throws -> TaskRecord? {
        try await read { db in
            try db.row(
                TaskRecord.query + " WHERE t.owner = ? AND t.name = ? AND t.state <> 'ended'",
                [owner.rawValue, name]
            ).map(TaskRecord.init)
        }
    }

    /// In the order in which they are due, those that are over last; `owner` nil: everybody's.
    package func tasks(
        of owner: PersonID?, includingEnded: Bool = false, limit: Int = 1000
    ) async throws -> [TaskRecord] {
        try await read { db in
            try db.rows(
                TaskRecord.query + """
                     WHERE (?1 IS NULL OR t.owner = ?1) AND (?2 OR t.state <> 'ended')
                    ORDER BY t.state = 'ended', t.next_run IS NULL, t.next_run, t.id LIMIT ?3
                    """, [owner?.rawValue, includingEnded, limit]
            ).map(TaskRecord.init)
        }
    }

    /// Other content for a task that is not over. Throws `.conflict` where it has been changed since `revision`.
    package func updateTask(
        _ id: TaskID, revision: Int, _ content: TaskContent, labels: Labels, isRelayed: Bool, unattendedBy: PersonID?,
        nextRun: Timestamp?
    ) async throws -> TaskRecord {
        try await write { [self] db in
            let before = try Self.task(id, on: db)
            try Self.require(content, of: before.owner, besides: id, on: db)
            let now = clock.now().milliseconds
            try db.run(
                """
                UPDATE tasks SET name = ?3, prompt = ?4, schedule = ?5, digest = ?6, channel = ?7, context = ?8,
                    conversation = ?9, mode = ?10, tier = ?11, misfire = ?12, backoff = ?13, on_crash = ?14, deadline = ?15,
                    jitter = ?16, pre_check = ?17, monitor = ?18, budget = ?19, labels = ?20, is_relayed = ?21,
                    unattended_by = ?22, next_run = ?23, last_due = ?24, revision = revision + 1, updated = ?24
                WHERE id = ?1 AND revision = ?2 AND state <> 'ended'
                """,
                [
                    id.rawValue, revision, content.name.storable, content.prompt.storable, content.schedule,
                    content.digest, content.channel.rawValue, content.context.rawValue, content.conversation?.rawValue,
                    content.mode.rawValue, content.tier, content.misfire, content.backoff, content.onCrash.rawValue,
                    content.deadline.storedMilliseconds, content.jitter.storedMilliseconds, content.check?.storable,
                    content.monitor, content.budget, labels.rawValue, isRelayed, unattendedBy?.rawValue,
                    nextRun?.milliseconds, now,
                ])
            guard db.changesCount == 1 else {
                throw StoreError(.conflict, "The task has been changed or cancelled meanwhile; look at it again.")
            }
            return try Self.task(id, on: db)
        }
    }

    /// Begins again at `now`, which is also what is dealt with by then; runs that wait of one that stops are taken back.
    /// False where it was in that state, or is over.
    package func setTaskState(
        _ state: TaskRecord.State, of id: TaskID, reason: String?, nextRun: Timestamp?
    ) async throws -> Bool {
        try await write { [self] db in
            let now = clock.now()
            return try Self.setState(state, of: id, reason: reason, nextRun: nextRun, at: now, on: db)
        }
    }

    /// All that `owner` has, because the owner may not come in any more.
    package func pauseTasks(of owner: PersonID, reason: String) async throws -> [TaskID] {
        try await write { [self] db in try Self.pauseTasks(of: owner, reason: reason, at: clock.now(), on: db) }
    }

    static func pauseTasks(
        of owner: PersonID, reason: String, at now: Timestamp, on db: Connection
    ) throws -> [TaskID] {
        let rows = try db.rows("SELECT id FROM tasks WHERE owner = ? AND state = 'active'", [owner.rawValue])
        let ids: [TaskID] = rows.map { $0.id("id") }
        for id in ids { _ = try setState(.paused, of: id, reason: reason, nextRun: nil, at: now, on: db) }
        return ids
    }

    /// From now on the task's address takes another key.
    package func renewWebhook(of task: TaskID) async throws -> Int {
        try await write { db in
            try db.run("UPDATE tasks SET webhook_version = webhook_version + 1 WHERE id = ?", [task.rawValue])
            return try Self.task(task, on: db).webhookVersion
        }
    }

    package func setWorkshop(_ conversation: ConversationID, of task: TaskID) async throws {
        try await write { db in
            try db.run("UPDATE tasks SET workshop = ? WHERE id = ?", [conversation.rawValue, task.rawValue])
        }
    }

    /// A conversation in which nothing is said; it is in no list.
    package func createConversation(titled title: String, in channel: ChannelID, mode: Mode) async throws
        -> ConversationID
    {
        try await write { [self] db in
            _ = try Self.channel(channel, on: db)
            let id: ConversationID = identifiers.make()
            let now = clock.now().milliseconds
            try db.run(
                "INSERT INTO conversations (id, channel, title, mode, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
                [id.rawValue, channel.rawValue, Self.title(from: title.storable), mode.rawValue, now, now])
            return id
        }
    }

    // MARK: Inside

    static func task(_ id: TaskID, on db: Connection) throws -> TaskRecord {
        guard let row = try db.row(TaskRecord.query + " WHERE t.id = ?", [id.rawValue]) else {
            throw StoreError(.notFound, "There is no such task.")
        }
        return try TaskRecord(row)
    }

    static func setState(
        _ state: TaskRecord.State, of id: TaskID, reason: String?, nextRun: Timestamp?, at now: Timestamp,
        on db: Connection
    ) throws -> Bool {
        try db.run(
            """
            UPDATE tasks SET state = ?2, reason = ?3, next_run = ?4, updated = ?5, revision = revision + 1,
                last_due = iif(?2 = 'active', ?5, last_due), failures = iif(?2 = 'active', 0, failures)
            WHERE id = ?1 AND state <> 'ended' AND state <> ?2
            """,
            [
                id.rawValue, state.rawValue, reason?.storable.cut(to: 500),
                state == .active ? nextRun?.milliseconds : nil, now.milliseconds,
            ])
        guard db.changesCount == 1 else { return false }
        if state != .active {
            try db.run(
                """
                UPDATE task_runs SET state = 'cancelled', reason = ?2, ended = ?3 WHERE task = ?1 AND state = 'waiting'
                """, [id.rawValue, "the task was \(state.rawValue)", now.milliseconds])
        }
        return true
    }

    private static func require(
        _ content: TaskContent, of owner: PersonID, besides task: TaskID?, on db: Connection
    ) throws {
        let isTaken = try db.exists(
            "SELECT 1 FROM tasks WHERE owner = ? AND name = ? AND state <> 'ended' AND id IS NOT ?",
            [owner.rawValue, content.name.storable, task?.rawValue])
        guard !isTaken else {
            throw StoreError(
                .conflict, "There is a task called \(content.name) already: change that one, or name this another.")
        }
        guard
            try db.exists(
                "SELECT 1 FROM memberships WHERE channel = ? AND person = ?",
                [content.channel.rawValue, owner.rawValue])
        else { throw StoreError(.forbidden, "A task reports to a channel its owner is a member of.") }
        if let conversation = content.conversation {
            guard try Self.conversation(conversation, on: db).channel == content.channel else {
                throw StoreError(.invalid, "That conversation is not in the channel the task reports to.")
            }
        }
    }
}

extension Duration {
    var storedMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
