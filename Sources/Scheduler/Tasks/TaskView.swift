package import MCP
package import Model
internal import Schedules
package import Store

// Tasks and runs as surfaces and agents are shown them.
extension TaskRecord {
    /// `next`: the due times shown.
    package func json(now: Timestamp, next count: Int = 1) -> JSONObject {
        var object: JSONObject = [
            "id": .string(id.rawValue), "name": .string(content.name), "owner": .string(ownerName),
            "state": .string(state.rawValue), "when": .string(words), "channel": .string(channelName),
            "context": .string(content.context.rawValue), "mode": .string(content.mode.rawValue),
            "tier": .string(content.tier), "missed": .string(content.misfire),
            "on_crash": .string(content.onCrash.rawValue),
            "deadline_minutes": .int(content.deadline.components.seconds / 60),
            "jitter_seconds": .int(content.jitter.components.seconds), "prompt": .string(content.prompt),
            "origin": .string(origin), "labels": .array(labels.names.map { .string($0) }),
            "failures": .int(Int64(failures)),
            "created": .string(created.rfc3339), "digest": .string(content.digest),
        ]
        object["schedule"] = try? JSONValue(parsing: Array(content.schedule.utf8))
        object["reason"] = reason.map { .string($0) }
        object["check"] = content.check.map { .string($0) }
        object["monitor"] = content.monitor.flatMap { try? JSONValue(parsing: Array($0.utf8)) }
        object["budget_usd"] = content.budget.map { .double(Double($0) / 1_000_000) }
        if state == .active {
            object["next"] = .array(upcoming(now: now, count: count).map { .string($0) })
        }
        return object
    }

    /// `every weekday at 09:00, Europe/Berlin`.
    package var words: String { (try? schedule.words) ?? content.schedule }

    /// In the zone of the task.
    package func upcoming(now: Timestamp, count: Int) -> [String] {
        guard let schedule = try? schedule else { return [] }
        let zone = schedule.zone ?? .utc
        return schedule.occurrences(from: max(now, lastDue), count: count).map { RFC3339.string($0, in: zone) }
    }
}

extension TaskDesk {
    /// A line for each of one's own that is not over.
    package func lines(for person: PersonID) async throws -> [String] {
        try await tasks(for: person).map { task in
            let state =
                switch task.state {
                case .active:
                    task.upcoming(now: now, count: 1).first.map { "next \($0.prefix(16).replacing("T", with: " "))" }
                        ?? "waits"
                case .paused, .ended: task.state.rawValue + (task.reason.map { ", \($0)" } ?? "")
                }
            return "\(task.content.name): \(task.words) (\(state))"
        }
    }
}

extension TaskRunRecord {
    package var json: JSONObject {
        var object: JSONObject = [
            "id": .string(id.rawValue), "task": .string(task.rawValue), "cause": .string(cause.rawValue),
            "due": .string(due.rfc3339), "attempt": .int(Int64(attempt)), "state": .string(state.rawValue),
            "delivery": .string(delivery.rawValue), "model_calls": .int(Int64(modelCalls)),
            "microdollars": .int(microdollars),
        ]
        object["reason"] = reason.map { .string($0) }
        object["conversation"] = conversation.map { .string($0.rawValue) }
        object["started"] = started.map { .string($0.rfc3339) }
        object["ended"] = ended.map { .string($0.rfc3339) }
        if let started, let ended {
            object["seconds"] = .double(Double(ended.milliseconds - started.milliseconds) / 1000)
        }
        return object
    }
}
