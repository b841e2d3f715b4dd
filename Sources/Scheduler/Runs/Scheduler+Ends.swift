internal import Logging
internal import Model
internal import Schedules
internal import Store

// What runs have come to.
extension Scheduler {
    /// Looks at each run that was begun: its turns say how it stands.
    func settleOpen() async throws {
        for run in try await database.openRuns() where run.state != .checking {
            guard let task = try await database.task(run.task) else { continue }
            switch try await database.progress(of: run.id) {
            case .running:
                if run.state == .blocked { try await database.setRunState(.running, of: run.id, reason: nil) }
                try await endWhereTooLong(run, of: task)
            case .blocked(let question):
                guard run.state != .blocked || run.reason != question else { continue }
                try await database.setRunState(.blocked, of: run.id, reason: question)
                _ = try await parts.runner.record(
                    TaskEvent("task.run_blocked", task, run: run, details: ["question": question]))
            case .answered: try await end(run, of: task, .succeeded, reason: nil)
            case .refused(let reason): try await end(run, of: task, .failed, reason: reason, isRepeatable: false)
            case .failed(let reason): try await end(run, of: task, .failed, reason: reason)
            case .cancelled: try await end(run, of: task, .cancelled, reason: "taken back")
            }
        }
    }

    private func endWhereTooLong(_ run: TaskRunRecord, of task: TaskRecord) async throws {
        guard let started = run.started, now.duration(since: started) > task.content.deadline else { return }
        let minutes = max(1, task.content.deadline.components.seconds / 60)
        await parts.runner.end(run, reason: "This took longer than the \(minutes) minutes the task may take.")
    }

    /// Once, with all that follows from it. A failure is repeated as the task has it, and told of where it will not be.
    func end(
        _ run: TaskRunRecord, of task: TaskRecord, _ state: TaskRunRecord.State, reason: String?,
        isRepeatable: Bool = true, snapshot: String? = nil
    ) async throws {
        var end = TaskRunEnd(state, reason: reason, pausesAfter: limits.failures, snapshot: snapshot)
        if state == .failed, isRepeatable, run.cause != .trial, run.cause != .now {
            end.retry = (try? task.backoff)?.delay(before: run.attempt, run: "\(run.task)/\(run.due.milliseconds)")
                .map { now.advanced(by: $0) }
        }
        let outcome: EventTrigger.Outcome? =
            switch state {
            case .succeeded: .succeeded
            case .failed: .failed
            default: nil
            }
        let after = try await database.endRun(run.id, end) { [task = run.task.rawValue] schedule in
            guard let outcome, case .event(.task(task, let outcomes)) = try? Schedule(json: schedule) else {
                return false
            }
            return outcomes.contains(outcome)
        }
        guard let after else { return }
        do {
            _ = try await parts.runner.record(
                TaskEvent(
                    "task.run_ended", after.task, run: after.run,
                    details: ["state": state.rawValue, "reason": reason ?? ""].filter { !$0.value.isEmpty }))
        } catch {
            parts.logger.error("a run's end is not in the audit", metadata: ["error": "\(error)"])
        }
        if run.cause == .trial, state == .succeeded { await offerPermits(after.run, of: after.task) }
        if after.wasPaused {
            await alert(
                after.task,
                "The task “\(task.content.name)” is paused: it failed \(after.task.failures) times in a row, the last time because "
                    + "\(reason ?? "of an error"). When that is mended, resume it: `bulkhead task resume \(task.id)`.")
        }
    }

    /// Sets right what does not fit, and says what that was: times that the clock or the zones' rules have moved, checks
    /// whose process is gone.
    package func repair() async throws {
        for run in try await database.abandonedRuns(by: now) where checks[run.id] == nil {
            parts.logger.warning("a check was left behind", metadata: ["run": "\(run.id)"])
            try await takeBack(run)
        }
        for task in try await database.tasks(of: nil, limit: 100_000) where task.state == .active {
            guard let schedule = try? task.schedule else { continue }
            if case .event = schedule { continue }
            let right = schedule.next(after: max(task.lastDue, task.created))
            // What is past is claimed as it stands.
            guard right != task.nextRun, task.nextRun.map({ $0 > now }) ?? true else { continue }
            guard
                try await database.repairTask(task.id, revision: task.revision, from: task.nextRun, to: right)
            else { continue }
            let times = [task.nextRun, right].map { $0?.rfc3339 ?? "never" }
            parts.logger.warning(
                "a task's next time did not fit its schedule",
                metadata: ["task": "\(task.id)", "was": "\(times[0])", "is": "\(times[1])"])
            _ = try await parts.runner.record(
                TaskEvent("task.repaired", task, details: ["was": times[0], "is": times[1]]))
        }
    }
}

extension TaskRecord {
    var backoff: Backoff {
        get throws {
            guard content.backoff != "{}" else { return .standard }
            return try Backoff(json: content.backoff)
        }
    }
}
