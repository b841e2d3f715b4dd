package import Model

import GRDB

/// What a task may do without asking again, because its owner saw it do so and allowed it.
package struct TaskPermitRecord: Sendable, Hashable {
    package let task: TaskID
    package let digest: String
    package let tool: String
    package let toolDigest: String
    package let rule: String
    /// What the calls it stands for have in common.
    package let destination: String
    /// JSON of the call that was seen.
    package let arguments: String
    package let labels: Labels
    package let giver: PersonID
    package let created: Timestamp

    init(_ row: Row) {
        task = row.id("task")
        digest = row["digest"]
        tool = row["tool"]
        toolDigest = row["tool_digest"]
        rule = row["rule"]
        destination = row["destination"]
        arguments = row["arguments"]
        labels = Labels(rawValue: row["labels"])
        giver = row.id("giver")
        created = row.time("created")
    }
}

package struct TaskPermitDraft: Sendable, Hashable {
    package var tool: String
    package var toolDigest: String
    package var rule: String
    package var destination: String
    package var arguments: String
    package var labels: Labels

    package init(
        tool: String, toolDigest: String, rule: String, destination: String, arguments: String, labels: Labels
    ) {
        self.tool = tool
        self.toolDigest = toolDigest
        self.rule = rule
        self.destination = destination
        self.arguments = arguments
        self.labels = labels
    }
}

extension Database {
    /// What people allowed in the turns of a run, and was done: the calls that a permit could stand for.
    package func allowedCalls(of run: TaskRunID) async throws -> [ApprovalRecord] {
        try await read { db in
            try db.rows(
                TaskRunRecord.turnsOfOne + " " + ApprovalRecord.query
                    + " WHERE a.turn IN turns AND a.state = 'used' ORDER BY a.id", [run.rawValue]
            ).map(ApprovalRecord.init)
        }
    }

    /// In force while the task is as it was in `digest`. Throws `.conflict` where it is not any more.
    package func addPermits(
        _ permits: [TaskPermitDraft], to task: TaskID, digest: String, by giver: PersonID, recorded: Int64
    ) async throws {
        try await write { [self] db in
            let record = try Self.task(task, on: db)
            guard record.content.digest == digest, record.state != .ended else {
                throw StoreError(.conflict, "The task is not any more what that run was: have it run again.")
            }
            for permit in permits {
                try db.run(
                    """
                    INSERT OR REPLACE INTO task_permits
                        (task, digest, tool, tool_digest, rule, destination, arguments, labels, giver, recorded, created)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        task.rawValue, digest, permit.tool, permit.toolDigest, permit.rule, permit.destination,
                        permit.arguments, permit.labels.rawValue, giver.rawValue, recorded, clock.now().milliseconds,
                    ])
            }
        }
    }

    /// Those in force.
    package func permits(of task: TaskID) async throws -> [TaskPermitRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT p.* FROM task_permits p JOIN tasks t ON t.id = p.task AND t.digest = p.digest
                WHERE p.task = ? ORDER BY p.tool, p.destination
                """, [task.rawValue]
            ).map(TaskPermitRecord.init)
        }
    }

    package func removePermits(of task: TaskID) async throws -> Int {
        try await write { db in
            try db.run("DELETE FROM task_permits WHERE task = ?", [task.rawValue])
            return db.changesCount
        }
    }
}
