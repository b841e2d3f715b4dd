internal import MCP
package import Model
internal import Policy
package import Store

// What a task may do without asking again: exactly what a run of it was seen to do, by its owner's word.
extension TaskDesk {
    /// The calls of a run that people were asked about, and that the policy lets be granted.
    package func offers(_ run: TaskRunRecord) async throws -> [TaskPermitDraft] {
        try await scheduler.offers(run)
    }

    /// Allows the task, as it is, the calls its last run that was asked about came to. Returns them.
    package func approve(_ id: TaskID, by person: PersonID) async throws -> [TaskPermitRecord] {
        let task = try await require(id, for: person)
        guard task.owner == person else {
            throw TaskProblem(.forbidden, "what a task may do is its owner's to allow")
        }
        let runs = try await mapped { try await database.taskRuns(of: id, limit: 20) }
        guard let run = runs.first(where: { $0.state == .succeeded && $0.digest == task.content.digest }) else {
            throw TaskProblem(
                .conflict,
                "there is no run of it, as it is now, that has succeeded: run it once, and look at what it does")
        }
        let offers = try await offers(run)
        guard !offers.isEmpty else {
            throw TaskProblem(.conflict, "its last run asked for nothing that could be allowed beforehand")
        }
        let row = try await runner.record(
            TaskEvent(
                "task.approved", task, run: run, by: person,
                details: ["digest": task.content.digest, "allowed": offers.map(\.words).joined(separator: "; ")]))
        try await mapped {
            try await database.addPermits(offers, to: id, digest: task.content.digest, by: person, recorded: row)
        }
        return try await permits(id, for: person)
    }

    package func permits(_ id: TaskID, for person: PersonID) async throws -> [TaskPermitRecord] {
        _ = try await require(id, for: person)
        return try await mapped { try await database.permits(of: id) }
    }

    /// From now on all of it is asked again.
    package func revokePermits(_ id: TaskID, by person: PersonID) async throws -> Int {
        let task = try await require(id, for: person)
        let count = try await mapped { try await database.removePermits(of: id) }
        _ = try await runner.record(TaskEvent("task.permits_revoked", task, by: person))
        return count
    }
}

extension Scheduler {
    func offers(_ run: TaskRunRecord) async throws -> [TaskPermitDraft] {
        var seen: Set<TaskPermitDraft> = []
        return try await database.allowedCalls(of: run.id).compactMap {
            (approval: ApprovalRecord) -> TaskPermitDraft? in
            guard let offer = approval.offer, approval.decidedBy == run.owner else { return nil }
            return TaskPermitDraft(
                tool: approval.tool, toolDigest: offer.toolDigest, rule: offer.rule,
                destination: CallDestination.text(
                    tool: approval.tool,
                    arguments: (try? JSONValue(parsing: Array(approval.arguments.utf8)))?.objectValue ?? [:],
                    digest: approval.argumentsDigest, isExact: offer.isExact || approval.effect != .external),
                arguments: approval.arguments, labels: approval.labels)
        }.filter { seen.insert($0).inserted }
    }

    /// After the run that its owner looked on.
    func offerPermits(_ run: TaskRunRecord, of task: TaskRecord) async {
        guard let offers = try? await offers(run), !offers.isEmpty else { return }
        await alert(
            task,
            "The first run of “\(task.content.name)” asked you for: \(offers.map(\.words).joined(separator: "; ")). When it runs by "
                + "itself it asks again, and waits. To allow exactly this from now on: `bulkhead task approve \(task.id)`."
        )
    }
}

extension TaskPermitDraft {
    package var words: String { "\(tool) (\(destination.prefix(120)))" }
}
