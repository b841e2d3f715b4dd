package import MCP
internal import Model
internal import Schedules
internal import Store
package import ToolServers

/// The tools by which an agent works with its requester's tasks. Another's do not exist for it; what a task is allowed is
/// not among them.
package struct TaskServer: ToolServer {
    private let desk: TaskDesk

    package init(desk: TaskDesk) {
        self.desk = desk
    }

    package var tools: [RegisteredTool] { Self.declared }

    package func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        do {
            return .text(try await answer(name, arguments, context).text)
        } catch let problem as TaskProblem {
            return .failure("Not done: \(problem).")
        } catch let error as ScheduleError {
            return .failure("Not done: \(error).")
        }
    }

    private func answer(_ name: String, _ arguments: JSONObject, _ context: ToolContext) async throws -> JSONValue {
        let owner = context.requester
        switch name {
        case "check_schedule":
            let (content, _) = try await desk.preview(
                Self.filled(arguments), for: owner, by: try await maker(context))
            let schedule = try Schedule(json: content.schedule)
            let zone = schedule.zone ?? .utc
            return [
                "when": .string(schedule.words),
                "next": .array(
                    schedule.occurrences(from: desk.now, count: 5).map { time in
                        .string("\(RFC3339.weekday(time, in: zone)) \(RFC3339.string(time, in: zone))")
                    }),
            ]
        case "schedule_task":
            var fields = arguments
            let isTried = fields["first_run_now"]?.boolValue ?? false
            fields["first_run_now"] = nil
            let task = try await desk.create(fields, for: owner, by: try await maker(context), isTried: isTried)
            return .object(task.json(now: desk.now, next: 5))
        case "list_tasks":
            let tasks = try await desk.tasks(for: owner, includingEnded: arguments["ended"]?.boolValue ?? false)
            return ["tasks": .array(tasks.prefix(100).map { .object($0.json(now: desk.now)) })]
        case "update_task":
            var fields = arguments
            fields["task"] = nil
            let task = try await desk.update(
                try await task(arguments, owner).id, fields, for: owner, by: try await maker(context))
            return .object(task.json(now: desk.now, next: 5))
        case "pause_task":
            let id = try await task(arguments, owner).id
            return .object(
                try await desk.pause(id, by: owner, reason: arguments["reason"]?.stringValue).json(now: desk.now))
        case "resume_task":
            return .object(
                try await desk.resume(try await task(arguments, owner).id, by: owner).json(now: desk.now, next: 5))
        case "cancel_task":
            return .object(try await desk.cancel(try await task(arguments, owner).id, by: owner).json(now: desk.now))
        case "run_task_now":
            return .object(try await desk.runNow(try await task(arguments, owner).id, by: owner).json)
        case "task_history":
            let runs = try await desk.history(
                try await task(arguments, owner).id, limit: Int(arguments["limit"]?.intValue ?? 20), for: owner)
            return ["runs": .array(runs.map { .object($0.json) })]
        default: throw TaskProblem(.notFound, "there is no tool \(name)")
        }
    }

    /// A task outlives the conversation and begins by itself, so that what planted it there would act again and again: the
    /// requester is asked wherever somebody else could have a hand in it (outside content, another task's run) or somebody else
    /// gets to see what comes of it, and shown when it would run. Of what is the requester's alone nobody is asked.
    package func demand(
        for name: String, arguments: JSONObject, context: ToolContext
    ) async throws -> ToolDemand? {
        guard Self.changing.contains(name) else { return nil }
        do {
            let labels = try await desk.database.session(context.session)?.labels ?? .untrusted
            var why: [String] = labels.contains(.untrusted) ? ["this conversation contains outside content"] : []
            if try await desk.database.isOfTask(context.conversation) { why.append("a task asks for it") }
            let (what, channel) = try await change(name, arguments, context)
            if let channel, try await desk.database.channel(channel)?.kind != .dm {
                why.append("others read what it reports")
            }
            guard !why.isEmpty else { return nil }
            return ToolDemand(
                rule: "tasks", word: .requester, reason: "it \(what) (\(why.joined(separator: "; ")))")
        } catch let problem as TaskProblem {
            throw MCPError.invalidParams("\(problem)")
        } catch let error as ScheduleError {
            throw MCPError.invalidParams("\(error)")
        }
    }

    private static let changing: Set = [
        "schedule_task", "update_task", "resume_task", "run_task_now", "pause_task", "cancel_task",
    ]

    /// In words, and where what comes of it is seen.
    private func change(
        _ name: String, _ arguments: JSONObject, _ context: ToolContext
    ) async throws -> (String, ChannelID?) {
        var fields = arguments
        fields["first_run_now"] = nil
        if name == "schedule_task" {
            let (content, schedule) = try await desk.preview(
                fields, for: context.requester, by: try await maker(context))
            let words = "makes a task of yours, “\(content.name)”, that runs \(schedule.words)\(next(schedule))"
            return (words, content.channel)
        }
        let task = try await task(arguments, context.requester)
        fields["task"] = nil
        guard name == "update_task" else {
            let verb = name.split(separator: "_").first.map { "\($0)s" } ?? name
            return ("\(verb) your task “\(task.content.name)”", name == "resume_task" ? task.content.channel : nil)
        }
        let content = try await desk.changed(task, fields)
        let schedule = try Schedule(json: content.schedule)
        let words = "changes your task “\(task.content.name)”, which then runs \(schedule.words)\(next(schedule))"
        return (words, content.channel)
    }

    private func next(_ schedule: Schedule) -> String {
        let zone = schedule.zone ?? .utc
        let times = schedule.occurrences(from: desk.now, count: 5).map {
            "\(RFC3339.weekday($0, in: zone)) \(RFC3339.string($0, in: zone).prefix(16).replacing("T", with: " "))"
        }
        return times.isEmpty ? "" : ": next " + times.joined(separator: ", ")
    }

    /// `check_schedule` takes a schedule alone.
    private static func filled(_ arguments: JSONObject) -> JSONObject {
        var fields = arguments
        for key in ["name", "prompt"] where fields[key] == nil { fields[key] = .string("-") }
        return fields
    }

    private func maker(_ context: ToolContext) async throws -> TaskMaker {
        guard let session = try await desk.database.session(context.session) else {
            throw TaskProblem(.conflict, "the session is over")
        }
        return .agent(session.labels, context.channel, context.conversation)
    }

    private func task(_ arguments: JSONObject, _ owner: PersonID) async throws -> TaskRecord {
        let found = try await desk.find(arguments["task"]?.stringValue ?? "", for: owner)
        // An admin's agent is no admin.
        guard found.owner == owner else { throw TaskProblem(.notFound, "there is no such task") }
        return found
    }
}
