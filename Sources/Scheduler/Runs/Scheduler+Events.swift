internal import Logging
package import Model
internal import Schedules
internal import Store

// Tasks that something which happens begins.
extension Scheduler {
    /// A person said something in a channel. `event`: the message's id. Its words are material for the task, not orders.
    package func heard(_ text: String, in channel: ChannelID, from author: PersonID, event: MessageID) async {
        await begin(event: "message:\(event)", data: text) { task, trigger in
            guard case .message(channel, let pattern) = trigger else { return false }
            // A task hears what its owner could read.
            guard try await self.database.mayRead(channel: channel, person: task.owner) else { return false }
            return pattern.matches(text)
        }
    }

    /// A signed request to a task's own address. False where that one was taken before.
    func called(_ task: TaskRecord, event: String, data: String) async throws -> Bool {
        guard task.state == .active, case .event(.webhook) = try task.schedule else {
            throw TaskProblem(.conflict, "the task takes no calls now")
        }
        return try await add(task, event: "webhook:\(event)", data: data)
    }

    private func begin(
        event: String, data: String, where isMeant: (TaskRecord, EventTrigger) async throws -> Bool
    ) async {
        do {
            for task in try await database.tasksWaitingForEvents() {
                guard case .event(let trigger) = try? task.schedule, try await isMeant(task, trigger) else { continue }
                _ = try await add(task, event: event, data: data)
            }
        } catch {
            parts.logger.error("tasks could not hear of an event", metadata: ["error": "\(error)"])
        }
    }

    private func add(_ task: TaskRecord, event: String, data: String) async throws -> Bool {
        let waiting = try await database.taskRuns(of: task.id, limit: limits.waitingRuns + 1).count { !$0.state.isOver }
        guard waiting < limits.waitingRuns else {
            throw TaskProblem(.conflict, "\(limits.waitingRuns) runs of it wait already")
        }
        guard try await database.addRun(of: task.id, cause: .event, event: event, data: data) != nil else {
            return false
        }
        wake()
        return true
    }
}
