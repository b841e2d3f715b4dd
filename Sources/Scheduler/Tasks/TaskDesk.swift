package import MCP
package import Model
package import Store
internal import Schedules

/// Who asks for something about a task.
package enum TaskMaker: Sendable {
    /// A person, in their own hand.
    case person
    /// An agent, in a session that has touched this, there.
    case agent(Labels, ChannelID, ConversationID)
    /// A skill that declares it.
    case skill(String)
}

/// What people and agents do with tasks: made, changed, stopped, begun, looked at. One place, so that every surface has the
/// same rules. A task that is not one's own does not exist; admins see and stop everybody's.
package struct TaskDesk: Sendable {
    let database: Database
    let scheduler: Scheduler
    var runner: any TaskRunner { scheduler.parts.runner }
    var limits: SchedulerLimits { scheduler.limits }
    var now: Timestamp { scheduler.now }

    package init(scheduler: Scheduler) {
        self.scheduler = scheduler
        database = scheduler.database
    }

    /// Throws `TaskProblem`; nothing is stored then.
    package func create(
        _ object: JSONObject, for owner: PersonID, by maker: TaskMaker, isTried: Bool = true
    ) async throws -> TaskRecord {
        let person = try await standing(of: owner)
        let (content, schedule) = try await mapped { try await read(object, for: owner, by: maker) }
        try await requireRight(to: content, person, maker)
        let origin: (labels: Labels, name: String, isRelayed: Bool) =
            switch maker {
            case .person: ([], "person", false)
            case .agent(let labels, _, _): (labels, "agent", true)
            case .skill(let name): ([], "skill:\(name)", true)
            }
        let task = try await mapped {
            try await database.createTask(
                TaskDraft(
                    content, owner: owner, role: person.role, labels: origin.labels, origin: origin.name,
                    isRelayed: origin.isRelayed,
                    unattendedBy: content.mode == .bypassPermissions ? owner : nil, nextRun: schedule.next(after: now)),
                limit: limits.tasksPerPerson)
        }
        _ = try await runner.record(TaskEvent("task.created", task, by: owner, details: details(of: task)))
        if isTried, schedule.isSeries { _ = try await database.addRun(of: task.id, cause: .trial) }
        scheduler.wake()
        return task
    }

    /// As `create` would make it, with what is wrong found first; stores nothing.
    func preview(
        _ object: JSONObject, for owner: PersonID, by maker: TaskMaker
    ) async throws -> (content: TaskContent, schedule: Schedule) {
        let person = try await standing(of: owner)
        let (content, schedule) = try await read(object, for: owner, by: maker)
        try await requireRight(to: content, person, maker)
        return (content, schedule)
    }

    /// As JSON, with the next five times.
    package func preview(_ object: JSONObject, for owner: PersonID) async throws -> JSONObject {
        let (content, schedule) = try await mapped { try await preview(object, for: owner, by: .person) }
        let zone = schedule.zone ?? .utc
        return [
            "name": .string(content.name), "when": .string(schedule.words),
            "next": .array(
                schedule.occurrences(from: now, count: 5).map { .string(RFC3339.string($0, in: zone)) }),
        ]
    }

    package func update(
        _ id: TaskID, _ object: JSONObject, for person: PersonID, by maker: TaskMaker
    ) async throws -> TaskRecord {
        let task = try await require(id, for: person)
        guard task.owner == person else {
            throw TaskProblem(.forbidden, "a task is changed by its owner; an admin can pause or cancel it")
        }
        let standing = try await standing(of: person)
        let content = try await changed(task, object)
        var mark = task.unattendedBy
        if content.digest != task.content.digest || content.mode != task.content.mode {
            mark = nil
            try await requireRight(to: content, standing, maker)
            if content.mode == .bypassPermissions { mark = person }
        }
        var (labels, isRelayed) = (task.labels, task.isRelayed)
        switch maker {
        case .agent(let touched, _, _):
            labels.formUnion(touched)
            isRelayed = isRelayed || object["prompt"] != nil || object["check"] != nil
        case .person: if object["prompt"] != nil { (labels, isRelayed) = ([], false) }
        case .skill: break
        }
        let schedule = try Schedule(json: content.schedule)
        let next = task.state == .active ? schedule.next(after: now) : nil
        let updated = try await mapped { [labels, isRelayed, mark] in
            try await database.updateTask(
                id, revision: task.revision, content, labels: labels, isRelayed: isRelayed, unattendedBy: mark,
                nextRun: next)
        }
        _ = try await runner.record(TaskEvent("task.changed", updated, by: person, details: details(of: updated)))
        scheduler.wake()
        return updated
    }

    /// What a task becomes with other fields; stores nothing.
    func changed(_ task: TaskRecord, _ object: JSONObject) async throws -> TaskContent {
        let fields = try TaskFields(object, limits: limits)
        guard !fields.isEmpty else { throw TaskProblem("nothing is to be changed") }
        return try await mapped {
            try fields.applied(
                to: task.content, now: now, channel: try await channel(fields, for: task.owner), conversation: nil)
        }
    }

    package func pause(_ id: TaskID, by person: PersonID, reason: String? = nil) async throws -> TaskRecord {
        let task = try await require(id, for: person)
        let who = try await mapped { try await database.person(person)?.name } ?? "somebody"
        let words = "by \(who)" + (reason.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? "")
        guard
            try await mapped({
                try await database.setTaskState(.paused, of: id, reason: words, nextRun: nil)
            })
        else { throw TaskProblem(.conflict, "it is \(task.state.rawValue) already") }
        return try await changed(id, "task.paused", by: person)
    }

    package func resume(_ id: TaskID, by person: PersonID) async throws -> TaskRecord {
        let task = try await require(id, for: person)
        guard try await mapped({ try await database.person(task.owner)?.isActive }) == true else {
            throw TaskProblem(.conflict, "its owner, \(task.ownerName), may not use Bulkhead any more")
        }
        let schedule = try task.schedule
        let next = schedule.next(after: now)
        if next == nil, !schedule.isEvent {
            throw TaskProblem(.conflict, "there is no time left at which it would run")
        }
        guard
            try await mapped({
                try await database.setTaskState(.active, of: id, reason: nil, nextRun: next)
            })
        else { throw TaskProblem(.conflict, "it is \(task.state.rawValue), not paused") }
        return try await changed(id, "task.resumed", by: person)
    }

    /// For good. What runs of it is stopped.
    package func cancel(_ id: TaskID, by person: PersonID) async throws -> TaskRecord {
        let task = try await require(id, for: person)
        guard
            try await mapped({
                try await database.setTaskState(.ended, of: id, reason: "cancelled", nextRun: nil)
            })
        else { throw TaskProblem(.conflict, "it is over already") }
        for run in try await mapped({ try await database.openRuns() }) where run.task == task.id {
            await runner.end(run, reason: "The task was cancelled.")
        }
        return try await changed(id, "task.cancelled", by: person)
    }

    /// Once, now, whatever its schedule says.
    package func runNow(_ id: TaskID, by person: PersonID) async throws -> TaskRunRecord {
        let task = try await require(id, for: person)
        let waiting = try await mapped { try await database.taskRuns(of: id, limit: 20) }
        guard !waiting.contains(where: { !$0.state.isOver }) else {
            throw TaskProblem(.conflict, "a run of it is under way or waits already")
        }
        guard let run = try await mapped({ try await database.addRun(of: id, cause: .now) }) else {
            throw TaskProblem(.conflict, "it could not be begun")
        }
        _ = try await runner.record(TaskEvent("task.run_asked", task, run: run, by: person))
        scheduler.wake()
        return run
    }

    package func tasks(for person: PersonID, all: Bool = false, includingEnded: Bool = false) async throws
        -> [TaskRecord]
    {
        let isAdmin = try await isAdmin(person)
        guard !all || isAdmin else { throw TaskProblem(.forbidden, "only admins see everybody's tasks") }
        return try await mapped {
            try await database.tasks(of: all ? nil : person, includingEnded: includingEnded)
        }
    }

    package func task(_ id: TaskID, for person: PersonID) async throws -> TaskRecord {
        try await require(id, for: person)
    }

    /// By its id, or by its name where it is one's own.
    package func find(_ text: String, for person: PersonID) async throws -> TaskRecord {
        if let id = TaskID(text), let task = try? await require(id, for: person) { return task }
        guard let task = try await mapped({ try await database.task(named: text, of: person) }) else {
            throw TaskProblem(.notFound, "there is no task \(text.prefix(80))")
        }
        return task
    }

    /// Newest first.
    package func history(_ id: TaskID, limit: Int = 50, for person: PersonID) async throws -> [TaskRunRecord] {
        _ = try await require(id, for: person)
        return try await mapped { try await database.taskRuns(of: id, limit: min(max(1, limit), 500)) }
    }

    // MARK: Inside

    func require(_ id: TaskID, for person: PersonID) async throws -> TaskRecord {
        guard let task = try await mapped({ try await database.task(id) }) else { throw Self.unknown }
        guard task.owner != person else { return task }
        guard try await isAdmin(person) else { throw Self.unknown }
        return task
    }

    private static let unknown = TaskProblem(.notFound, "there is no such task")

    private func changed(_ id: TaskID, _ event: String, by person: PersonID) async throws -> TaskRecord {
        guard let task = try await mapped({ try await database.task(id) }) else { throw Self.unknown }
        _ = try await runner.record(
            TaskEvent(event, task, by: person, details: task.reason.map { ["reason": $0] } ?? [:]))
        scheduler.wake()
        return task
    }

    private func standing(of person: PersonID) async throws -> PersonRecord {
        guard let record = try await mapped({ try await database.person(person) }), record.isActive else {
            throw TaskProblem(.forbidden, "whoever may not use Bulkhead has no tasks")
        }
        guard record.role != .guest else { throw TaskProblem(.forbidden, "guests schedule nothing") }
        return record
    }

    func isAdmin(_ person: PersonID) async throws -> Bool {
        let role = try await mapped { try await database.person(person) }.flatMap { $0.isActive ? $0.role : nil }
        return role == .owner || role == .admin
    }

    private func requireRight(to content: TaskContent, _ person: PersonRecord, _ maker: TaskMaker) async throws {
        guard content.mode == .bypassPermissions else { return }
        guard case .person = maker, person.role == .owner || person.role == .admin else {
            throw TaskProblem(.forbidden, "only an admin, and in person, lets a task run Unattended")
        }
        guard content.context == .isolated else {
            throw TaskProblem("a task that runs Unattended has conversations of its own: context is isolated")
        }
    }

    private func read(
        _ object: JSONObject, for owner: PersonID, by maker: TaskMaker
    ) async throws -> (TaskContent, Schedule) {
        let fields = try TaskFields(object, limits: limits)
        for needed in ["name", "prompt", "schedule"] where object[needed] == nil {
            throw TaskProblem("\(needed) is missing")
        }
        var conversation: ConversationID?
        var here: ChannelID?
        if case .agent(_, let channel, let thread) = maker { (here, conversation) = (channel, thread) }
        if let text = object["conversation"]?.stringValue {
            guard let id = ConversationID(text),
                try await mapped({ try await database.mayRead(conversation: id, person: owner) })
            else { throw TaskProblem(.notFound, "there is no such conversation") }
            conversation = id
            here = try await mapped { try await database.conversation(id) }?.channel
        }
        var place = try await channel(fields, for: owner) ?? here
        if place == nil { place = try await mapped { try await database.dmChannel(of: owner).id } }
        guard let place else { throw TaskProblem(.notFound, "there is no channel it could report to") }
        let empty = TaskContent(name: "", prompt: "", schedule: "", digest: "", channel: place, jitter: limits.jitter)
        let content = try fields.applied(to: empty, now: now, channel: place, conversation: conversation)
        if content.context == .thread, content.conversation == nil {
            throw TaskProblem("context thread needs a conversation; isolated has one of its own for each run")
        }
        return (content, try Schedule(json: content.schedule))
    }

    /// By id or name, among those the owner is a member of; `direct`: the owner's own.
    private func channel(_ fields: TaskFields, for owner: PersonID) async throws -> ChannelID? {
        guard let name = fields.channelName else { return nil }
        if name == "direct" { return try await mapped { try await database.dmChannel(of: owner).id } }
        let channels = try await mapped { try await database.channels(for: owner) }
        let plain = name.hasPrefix("#") ? String(name.dropFirst()) : name
        guard let found = channels.first(where: { $0.id.rawValue == name || $0.name == plain }) else {
            throw TaskProblem(.notFound, "there is no channel \(name.prefix(80)) that you are a member of")
        }
        return found.id
    }

    private func details(of task: TaskRecord) -> [String: String] {
        [
            "schedule": task.content.schedule, "digest": task.content.digest, "mode": task.content.mode.rawValue,
            "origin": task.origin,
        ]
    }

    func mapped<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as StoreError {
            throw TaskProblem(TaskProblem.Code(error.code), error.message)
        } catch let error as ScheduleError {
            throw TaskProblem(error.message)
        }
    }
}

extension TaskProblem.Code {
    init(_ code: StoreError.Code) {
        self =
            switch code {
            case .notFound: .notFound
            case .forbidden: .forbidden
            case .conflict: .conflict
            default: .invalid
            }
    }
}

extension Schedule {
    var isEvent: Bool {
        if case .event = self { true } else { false }
    }

    /// More than once.
    var isSeries: Bool {
        if case .once = self { false } else { true }
    }
}
